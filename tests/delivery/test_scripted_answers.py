"""The notation for scripted answers."""

from collections import OrderedDict
from http import HTTPStatus
from typing import Any

import pytest

from fakestash.delivery.faults import Fault
from fakestash.delivery.scripted_answers import outcome_of_answer
from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.wire.urls import target

SHOP = target("https://shop.test/hook")
JSON = (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (200, Responded(200)),
        (100, Responded(100)),
        (599, Responded(599)),
        (HTTPStatus.NOT_FOUND, Responded(404)),
        ((200, None, None), Responded(200)),
        ((200, {}, b"\xff"), Responded(200, (), b"\xff")),
        ((200, {}, "caf\xe9"), Responded(200, (), b"caf\xc3\xa9")),
        ((200, None, {"a": [1]}), Responded(200, JSON, b'{"a": [1]}')),
        ((200, None, []), Responded(200, JSON, b"[]")),
        (
            (200, {"content-type": "application/problem+json"}, {}),
            Responded(200, (("Content-Type", "application/problem+json"),), b"{}"),
        ),
        (
            (503, {"retry-after": "5", "x-a": "1"}, None),
            Responded(503, (("Retry-After", "5"), ("X-A", "1"))),
        ),
        (
            (200, [("set-cookie", "a"), ("SET-COOKIE", "b")], None),
            Responded(200, (("Set-Cookie", "a"), ("Set-Cookie", "b"))),
        ),
        (
            (200, (item for item in [("x-a", "1")]), None),
            Responded(200, (("X-A", "1"),)),
        ),
        ((200, OrderedDict({"x-a": ""}), None), Responded(200, (("X-A", ""),))),
        (Fault.TIMEOUT, TimedOut()),
        (Fault.CLOSED, Unreachable("EOF")),
    ],
)
def test_what_an_answer_comes_to(answer: object, outcome: Outcome) -> None:
    assert outcome_of_answer(answer, SHOP, 0) == outcome


def test_the_status_of_an_answer_is_a_plain_number() -> None:
    outcome = outcome_of_answer(HTTPStatus.NOT_FOUND, SHOP, 0)

    assert isinstance(outcome, Responded)
    assert type(outcome.status) is int


@pytest.mark.parametrize("answer", [200, (200, None, b""), Fault.REFUSED])
def test_every_answer_takes_the_latency_given(answer: object) -> None:
    assert outcome_of_answer(answer, SHOP, 1500).took == 1500


@pytest.mark.parametrize("status", [0, 99, 600, -200, True, False])
def test_a_number_that_is_no_status_is_refused(status: int) -> None:
    with pytest.raises(UsageError, match=f"^{status} is no HTTP status"):
        outcome_of_answer(status, SHOP, 0)


@pytest.mark.parametrize("status", [99, True, "200", None, 200.0])
def test_a_status_in_an_answer_is_checked_too(status: object) -> None:
    with pytest.raises(UsageError, match=r"is no HTTP status, in the answer \("):
        outcome_of_answer((status, None, None), SHOP, 0)


@pytest.mark.parametrize(
    "answer",
    [
        "200",
        200.0,
        None,
        b"ok",
        {"status": 200},
        [200, None, None],
        (),
        (200,),
        (200, b"body"),
        (200, {"a": 1}),
        (200, None, None, None),
        ValueError("no answer"),
        ValueError,
        Fault,
    ],
)
def test_what_is_no_answer_is_refused_and_named(answer: object) -> None:
    with pytest.raises(UsageError) as raised:
        outcome_of_answer(answer, SHOP, 0)

    assert str(raised.value).startswith(f"{answer!r} is no answer: an answer is a status")


@pytest.mark.parametrize("body", [5, 1.5, True, bytearray(b"a"), ("a",), {1, 2}])
def test_a_body_of_another_type_is_refused(body: object) -> None:
    with pytest.raises(UsageError, match="must be bytes, text, a dict, a list or None"):
        outcome_of_answer((200, None, body), SHOP, 0)


def circle() -> list[Any]:
    """A list that holds itself."""
    items: list[Any] = []
    items.append(items)
    return items


@pytest.mark.parametrize("body", [{"a": object()}, [b"a"], circle()])
def test_a_body_that_cannot_be_json_is_refused(body: object) -> None:
    with pytest.raises(UsageError, match="is no JSON"):
        outcome_of_answer((200, None, body), SHOP, 0)


@pytest.mark.parametrize("headers", [5, "Retry-After: 5", b"a", True])
def test_headers_of_another_type_are_refused(headers: object) -> None:
    with pytest.raises(UsageError, match="must be a mapping, pairs or None"):
        outcome_of_answer((200, headers, None), SHOP, 0)


@pytest.mark.parametrize(
    "item",
    [
        ("Retry-After", 5),
        ("Retry-After", b"5"),
        (b"Retry-After", "5"),
        ("Retry-After:", "5"),
        ("Retry After", "5"),
        ("", "5"),
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "1", "2"),
        "X-A",
    ],
)
def test_a_header_that_could_not_be_sent_is_refused_and_named(item: object) -> None:
    with pytest.raises(UsageError) as raised:
        outcome_of_answer((200, [item], None), SHOP, 0)

    assert str(raised.value).startswith(f"{item!r} is no header, in the answer (200, ")
