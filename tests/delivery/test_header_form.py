"""The form of a delivery's headers: filled in, it is what goes out, as text and as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.delivery.header_form import form_of
from fakestash.model.messages import PublishCommand
from fakestash.model.settings import Extras

VALUES = ("msg_7", "2", "signed", "3")
NAMES = st.sampled_from(("Aa", "Content-Type", "Upstash-Label", "Upstash-Retried", "Zz"))
HEADERS = st.lists(st.tuples(NAMES, st.text(st.characters(max_codepoint=255)))).map(tuple)


@pytest.mark.parametrize(("method", "lengths"), [("POST", [("Content-Length", "3")]), ("GET", [])])
def test_each_value_stands_under_its_own_name(method: str, lengths: list[tuple[str, str]]) -> None:
    command = PublishCommand("https://shop.test", method=method, headers=(("Upstash-N", "x"),))

    assert list(form_of(command, "EU").filled(VALUES)) == [
        ("Host", "shop.test"),
        ("User-Agent", "Upstash-QStash"),
        *lengths,
        ("Upstash-Caller-Ip", "127.0.0.1"),
        ("Upstash-Message-Id", "msg_7"),
        ("Upstash-N", "x"),
        ("Upstash-Region", "EU"),
        ("Upstash-Retried", "2"),
        ("Upstash-Signature", "signed"),
        ("Accept-Encoding", "gzip"),
    ]


@given(
    headers=HEADERS,
    method=st.sampled_from(("POST", "GET")),
    body=st.binary(max_size=1),
    extras=st.sampled_from((Extras(), Extras(topic="t"), Extras(topic="t", schedule_id="s"))),
)
def test_asgi_gets_the_same_in_bytes(
    headers: tuple[tuple[str, str], ...], method: str, body: bytes, extras: Extras
) -> None:
    command = PublishCommand("https://a.test", body, method, headers, extras=extras)
    form = form_of(command, "EU")

    assert form.filled_fields(VALUES) == [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in form.filled(VALUES)
    ]


def test_filling_a_form_leaves_it_empty_for_the_next() -> None:
    form = form_of(PublishCommand("https://shop.test"), "EU")
    first = form.filled(VALUES), form.filled_fields(VALUES)

    nothing = ("", "", "", "")
    assert (form.filled(nothing), form.filled_fields(nothing)) != first

    assert (form.filled(VALUES), form.filled_fields(VALUES)) == first


@pytest.mark.parametrize(
    "other",
    [
        PublishCommand("https://other.test"),
        PublishCommand("https://shop.test", method="GET"),
        PublishCommand("https://shop.test", headers=(("A", "1"),)),
        PublishCommand("https://shop.test", caller_ip="::1"),
        PublishCommand("https://shop.test", extras=Extras(topic="t")),
        PublishCommand("https://shop.test", extras=Extras(schedule_id="t")),
    ],
)
def test_what_differs_has_a_form_of_its_own(other: PublishCommand) -> None:
    form = form_of(PublishCommand("https://shop.test"), "EU")

    assert form_of(other, "EU").items != form.items
    assert form_of(PublishCommand("https://shop.test/path", b"body"), "EU") is form
    assert form_of(PublishCommand("https://shop.test"), "US").items != form.items
