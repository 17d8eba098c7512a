"""Every test of the gallery fails, and what is printed of it is compared whole."""

import pytest

from tests.gallery.printing import FAILING, expected, names, printed


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    return printed()


@pytest.mark.parametrize("name", names())
def test_a_failure_reads_so(outputs: dict[str, str], name: str) -> None:
    assert outputs[name] == expected(name).read_text(encoding="utf-8"), (
        "the output has changed: if that is meant, run `python -m tests.gallery`"
    )


def test_no_text_is_left_without_its_test() -> None:
    assert sorted(path.stem for path in FAILING.glob("*.txt")) == names()
