"""How the body that was checked differs from the one that was sent."""

import pytest

from fakestash.delivery.doctor.bodies import body_problem, contrasted
from fakestash.delivery.doctor.problem import RefusalCause

BEFORE = "the body that was verified is not the one that was sent: "


@pytest.mark.parametrize(
    ("sent", "checked", "what"),
    [
        (b'{"a": 1, "b": 2}', '{"b":2,"a":1}', "it is the same JSON, written in another way"),
        (b'{"a": 1}', '{"a": 2}', "it is other text"),
        (b"tea\n", "tea", "white space at its ends differs"),
        (b"tea", "", "it is empty"),
        (b"tea", "b'tea'", "str() was made of the bytes"),
        ("Grüße".encode(), "GrÃ¼Ã\x9fe", "it was decoded as Latin-1"),
        (
            b"\xff\xfe!",
            "\ufffd\ufffd!",
            "it is no UTF-8, and the official Python receiver checks text alone",
        ),
        (b"tea", bytearray(b"tea"), "verify() takes text and got bytearray"),
        (b"tea", None, "verify() takes text and got None"),
        (b'{"a": 1}', {"a": 1}, "verify() takes text and got dict"),
        (b"tea", "\ud800", "it is other text"),
    ],
)
def test_what_is_odd_about_a_body(sent: bytes, checked: object, what: str) -> None:
    problem = body_problem(sent, checked)

    assert problem is not None
    assert (problem.cause, problem.what) == (RefusalCause.BODY, BEFORE + what)


@pytest.mark.parametrize(("sent", "checked"), [(b"", ""), ("Grüße".encode(), "Grüße")])
def test_the_body_as_it_was_sent_is_right(sent: bytes, checked: str) -> None:
    assert body_problem(sent, checked) is None


def test_long_bodies_are_shown_around_their_first_difference() -> None:
    sent, checked = contrasted(b"x" * 30 + b"tea" + b"y" * 200, "x" * 30 + "milk")

    assert sent == f"...'{'x' * 20}tea{'y' * 57}'..."
    assert checked == f"'{'x' * 30}milk'"


def test_a_difference_near_the_beginning_is_shown_from_the_beginning_on() -> None:
    assert contrasted(b"tea" + b"y" * 100, "milk")[0] == f"'tea{'y' * 77}'..."


def test_bytes_that_are_no_text_are_escaped() -> None:
    assert contrasted(b"\xff!", "?") == (r"'\\xff!'", "'?'")
