"""What users may rely on: a change of it is a decision, not an accident."""

import subprocess
import sys

import pytest

import fakestash
from tests.public_api import SNAPSHOT, render


def test_the_public_names_look_as_they_did() -> None:
    assert render() == SNAPSHOT.read_text(encoding="utf-8"), (
        "the public API has changed: if that is meant, run `python -m tests.public_api`"
    )


def test_every_public_name_can_be_imported() -> None:
    classes = [getattr(fakestash, name) for name in fakestash.__all__]

    assert [each.__name__ for each in classes] == fakestash.__all__


def test_a_public_name_is_always_the_same_object() -> None:
    assert fakestash.FakeQStash is fakestash.FakeQStash


def test_the_public_names_are_in_alphabetical_order() -> None:
    assert fakestash.__all__ == sorted(fakestash.__all__)


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"^module 'fakestash' has no attribute 'Engine'$"):
        _ = fakestash.Engine


def test_importing_the_package_loads_no_framework() -> None:
    text = (
        "import sys, fakestash\n"
        "print(sorted({'aiohttp', 'asyncio', 'httpx', 'jwt', 'starlette', 'uvicorn'}"
        " & set(sys.modules)))"
    )

    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"
