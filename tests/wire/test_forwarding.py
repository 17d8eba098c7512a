"""Which header fields go to the destination, and as what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.outcomes import HeaderItems
from fakestash.wire.publish import read_publish

EVERYTHING = (b"upstash-header-forward", b"true")


def header(
    *fields: tuple[bytes, bytes], query: str = "", token_in_header: bool = True
) -> HeaderItems:
    return read_publish(
        "https://shop.test",
        query,
        fields,
        b"",
        caller_ip="203.0.113.7",
        token_in_header=token_in_header,
    ).command.headers


def test_nothing_is_forwarded_by_itself() -> None:
    assert header((b"x-plain", b"1"), (b"accept", b"*/*"), (b"authorization", b"Bearer x")) == ()


@pytest.mark.fidelity("`Content-Type`", "sdk")
def test_the_content_type_is_forwarded() -> None:
    assert header((b"content-type", b"text/plain")) == (("Content-Type", "text/plain"),)


def test_the_first_content_type_that_is_not_empty_counts() -> None:
    fields = [(b"content-type", value) for value in (b"", b"a/b", b"c/d")]

    assert header(*fields) == (("Content-Type", "a/b"),)


def test_a_forwarded_content_type_wins_over_the_plain_one() -> None:
    assert header(
        (b"content-type", b"text/plain"), (b"upstash-forward-content-type", b"text/html")
    ) == (("Content-Type", "text/html"),)


@pytest.mark.fidelity("`Upstash-Forward-*`", "sdk")
@pytest.mark.parametrize(
    ("name", "written"),
    [
        (b"x-custom", "X-Custom"),
        (b"authorization", "Authorization"),
        (b"upstash-x", "Upstash-X"),
        (b"upstash-forward-x", "Upstash-Forward-X"),
        (b"x_y!z", "X_y!z"),
        (b"1a-b2", "1a-B2"),
        (b"-a--b-", "-A--B-"),
    ],
)
def test_only_the_first_prefix_is_cut_and_names_are_canonical(name: bytes, written: str) -> None:
    assert header((b"upstash-forward-" + name, b"v")) == ((written, "v"),)


def test_repeated_fields_all_go_in_order() -> None:
    fields = [(b"upstash-forward-x", value) for value in (b"2", b"", b"1", b"2")]

    assert header(*fields) == (("X", "2"), ("X", "1"), ("X", "2"))


def test_a_prefix_without_a_name_forwards_nothing() -> None:
    assert header((b"upstash-forward-", b"v")) == ()


@pytest.mark.parametrize("value", [b"gr\xc3\xbcn", b"gr\xfcn", b"a\tb", b"\x80\xa0\xad", b"'\"\\"])
def test_a_value_keeps_its_bytes(value: bytes) -> None:
    ((_, text),) = header((b"upstash-forward-x", value))

    assert text.encode("latin-1") == value


def test_parameters_stand_in_for_headers_of_their_name() -> None:
    query = "upstash-forward-x=1&Upstash-Forward-Y=2&upstash-forward-x=%C3%BC&a=b"

    assert header(query=query) == (("X", "1"), ("Y", "2"), ("X", "\xc3\xbc"))
    assert header((b"upstash-forward-x", b"9"), query=query) == (("X", "9"), ("Y", "2"))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (b"a b", b"v", "a b"),
        (b"a:b", b"v", "a:b"),
        (b"a\r\nb", b"v", "a\r\nb"),
        (b"gr\xc3\xbcn", b"v", "grün"),
        (b"x", b"v\r\nEvil: 1", "x"),
        (b"x", b"v\n", "x"),
        (b"x", b"\x00", "x"),
        (b"x", b"\x7f", "x"),
    ],
)
def test_a_field_that_no_request_can_carry_is_refused(
    name: bytes, value: bytes, shown: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        header((b"upstash-forward-" + name, value))

    assert (refused.value.status, refused.value.text) == (
        400,
        f'invalid header: "{shown}" cannot be forwarded',
    )


# --- everything ----------------------------------------------------------------------------


@pytest.mark.fidelity("`Upstash-Header-Forward`", "docs")
def test_everything_is_forwarded_on_demand() -> None:
    assert header(
        EVERYTHING,
        (b"content-type", b"text/plain"),
        (b"x-plain", b"1"),
        (b"x-plain", b""),
        (b"cookie", b"a=b"),
        (b"accept", b"*/*"),
    ) == (
        ("Content-Type", "text/plain"),
        ("X-Plain", "1"),
        ("X-Plain", ""),
        ("Cookie", "a=b"),
        ("Accept", "*/*"),
    )


@pytest.mark.parametrize(
    "name",
    [
        b"host", b"content-length", b"connection", b"keep-alive", b"proxy-authorization",
        b"proxy-x", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect",
        b"accept-encoding", b"user-agent", b"upstash-retries", b"upstash-anything",
        b"authorization",
    ],
)  # fmt: skip
def test_what_belongs_to_the_connection_or_to_us_stays(name: bytes) -> None:
    assert header(EVERYTHING, (name, b"1")) == ()


def test_an_authorization_that_did_not_hold_our_token_is_forwarded() -> None:
    field = (b"authorization", b"Basic dTpw")

    assert header(EVERYTHING, field, token_in_header=False) == (("Authorization", "Basic dTpw"),)


def test_a_named_field_stands_in_for_the_plain_ones_of_its_name() -> None:
    assert header(
        EVERYTHING,
        (b"x", b"plain"),
        (b"y", b"plain"),
        (b"content-type", b"text/plain"),
        (b"upstash-forward-x", b"named"),
        (b"upstash-forward-content-type", b"text/html"),
    ) == (("Y", "plain"), ("X", "named"), ("Content-Type", "text/html"))


def test_a_named_field_may_be_one_that_stays_otherwise() -> None:
    assert header(EVERYTHING, (b"upstash-forward-user-agent", b"me")) == (("User-Agent", "me"),)


def header_or_status(*fields: tuple[bytes, bytes]) -> HeaderItems | int:
    try:
        return header(*fields)
    except ServiceError as refused:
        return refused.status


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_what_is_forwarded_cannot_break_a_request(name: bytes, value: bytes) -> None:
    found = header_or_status((b"upstash-forward-" + name, value))
    items = () if found == 400 or isinstance(found, int) else found

    assert found == 400 or len(items) <= 1
    assert not any(set(written) & set(" \t\r\n:\x00\xff") for written, _ in items)
    assert not any(set(text) & set("\r\n\x00") for _, text in items)
