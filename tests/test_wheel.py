"""What people get when they install: the wheel, built here by the build backend itself."""

from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
SOURCES = {
    "fakestash": ROOT / "fakestash",
    "pytest_fakestash": ROOT / "conftest_plugin" / "pytest_fakestash",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


def files_in(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_runs_everywhere(wheel: Path) -> None:
    assert wheel.name == "fakestash-0.1.0-py3-none-any.whl"


def test_the_wheel_brings_the_two_packages_and_nothing_beside_them(wheel: Path) -> None:
    assert {name.partition("/")[0] for name in files_in(wheel)} == {
        "fakestash",
        "pytest_fakestash",
        "fakestash-0.1.0.dist-info",
    }


@pytest.mark.parametrize("package", SOURCES)
def test_the_wheel_has_every_file_of_a_package(wheel: Path, package: str) -> None:
    source = SOURCES[package]

    assert sorted(name for name in files_in(wheel) if name.startswith(f"{package}/")) == sorted(
        f"{package}/{path.relative_to(source).as_posix()}"
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


@pytest.mark.parametrize("package", SOURCES)
def test_the_types_of_a_package_are_there_to_be_used(wheel: Path, package: str) -> None:
    assert f"{package}/py.typed" in files_in(wheel)


def test_the_wheel_announces_the_command_and_the_plugin(wheel: Path) -> None:
    entry_points = ConfigParser()
    with ZipFile(wheel) as archive:
        entry_points.read_string(
            archive.read("fakestash-0.1.0.dist-info/entry_points.txt").decode()
        )

    assert {name: dict(entry_points[name]) for name in entry_points.sections()} == {
        "console_scripts": {"fakestash": "fakestash.cli:main"},
        "pytest11": {"fakestash": "pytest_fakestash.plugin"},
    }


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        carried = archive.read("fakestash-0.1.0.dist-info/licenses/LICENSE").decode()

    assert carried == (ROOT / "LICENSE").read_text(encoding="utf-8")
