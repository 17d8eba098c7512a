"""Nothing that the official client offers is without a test."""

import importlib
from pathlib import Path

import pytest
from qstash import AsyncQStash, QStash

from tests.clients.python.arrivals import HOOK
from tests.clients.python.inventory import (
    METHODS,
    everything,
    named_methods,
    offered,
    parts_of,
    used,
)
from tests.clients.python.official import declared

HERE = Path(__file__).parent


def marks_of(test: object) -> list[pytest.Mark]:
    """The marks of a test function, those of its single parameters included."""
    marks: list[pytest.Mark] = list(getattr(test, "pytestmark", ()))
    for mark in tuple(marks):
        if mark.name == "parametrize":
            marks += (inner for row in mark.args[1] for inner in getattr(row, "marks", ()))
    return marks


def covered() -> frozenset[str]:
    """What the tests of this folder say they cover."""
    modules = (
        importlib.import_module(f"{__package__}.{path.stem}") for path in HERE.glob("test_*.py")
    )
    return declared(
        {
            text
            for module in modules
            for name, test in vars(module).items()
            if name.startswith("test_")
            for mark in marks_of(test)
            if mark.name == "covers"
            for text in mark.args
        }
    )


def test_what_a_method_offers_is_found_in_its_types_and_in_its_calls() -> None:
    name = "message.batch"
    method = METHODS[name]
    given = [{"url": HOOK, "headers": {"X": "1"}}, {"redact": {"header": ["X"]}}]

    assert (
        offered(name, method)
        > used(name, method, (given,), {})
        == {
            "message.batch(messages)",
            "message.batch(messages.url)",
            "message.batch(messages.headers)",
            "message.batch(messages.redact)",
            "message.batch(messages.redact.header)",
        }
    )
    assert declared({"queue.upsert(queue, paused)", "queue.list()"}) == {
        "queue.upsert(queue)",
        "queue.upsert(paused)",
        "queue.list()",
    }


def test_every_option_of_every_method_has_a_test() -> None:
    assert sorted(everything() - covered()) == []


def test_no_test_covers_what_is_not_there() -> None:
    assert sorted(covered() - everything()) == []


def test_the_async_client_offers_the_same() -> None:
    blocking = {"QStash": QStash, **METHODS}
    awaited = {"QStash": AsyncQStash, **named_methods(parts_of(AsyncQStash("")))}

    assert {name: offered(name, function) for name, function in awaited.items()} == {
        name: offered(name, function) for name, function in blocking.items()
    }
