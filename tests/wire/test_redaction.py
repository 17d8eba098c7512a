"""What is shown of a message that hides parts of itself."""

from hashlib import sha256

import pytest

from fakestash.model.messages import PublishCommand
from fakestash.model.settings import Extras, Redaction
from fakestash.wire.redaction import shown_body, shown_headers

# SHA-256 of "hello", as any tool computes it.
HELLO = "REDACTED:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
HEADERS = (("X-B", "hello"), ("Content-Type", "text/plain"), ("X-A", "gr\xc3\xbcn"), ("X-B", ""))


def hiding(redaction: Redaction | None) -> PublishCommand:
    return PublishCommand(
        "https://shop.test/", b"hello", headers=HEADERS, extras=Extras(redaction=redaction)
    )


def hash_of(original: bytes) -> str:
    return f"REDACTED:{sha256(original).hexdigest()}"


@pytest.mark.parametrize(
    "redaction", [None, Redaction(), Redaction(all_headers=True, headers=frozenset({"X-B"}))]
)
def test_a_body_is_shown_unless_it_is_hidden(redaction: Redaction | None) -> None:
    assert shown_body(hiding(redaction)) == b"hello"


def test_a_hidden_body_is_a_hash_of_its_bytes() -> None:
    assert shown_body(hiding(Redaction(body=True))) == HELLO.encode()


def test_where_there_is_no_body_there_is_nothing_to_hide() -> None:
    command = hiding(Redaction(body=True))._replace(body=b"")

    assert shown_body(command) == b""


@pytest.mark.parametrize("redaction", [None, Redaction(), Redaction(body=True)])
def test_headers_are_shown_unless_they_are_hidden(redaction: Redaction | None) -> None:
    assert shown_headers(hiding(redaction)) == {
        "Content-Type": ["text/plain"],
        "X-A": ["grün"],
        "X-B": ["hello", ""],
    }


@pytest.mark.fidelity("redaction: the hash of each value", "docs")
def test_of_a_hidden_header_each_value_is_a_hash() -> None:
    redaction = Redaction(headers=frozenset({"X-B", "X-Absent"}))

    assert shown_headers(hiding(redaction)) == {
        "Content-Type": ["text/plain"],
        "X-A": ["grün"],
        "X-B": [HELLO, hash_of(b"")],
    }


def test_of_all_headers_the_content_type_is_one_and_the_names_stay() -> None:
    shown = shown_headers(hiding(Redaction(all_headers=True)))

    assert list(shown.items()) == [
        ("Content-Type", [hash_of(b"text/plain")]),
        ("X-A", [hash_of("grün".encode())]),
        ("X-B", [HELLO, hash_of(b"")]),
    ]


def test_a_header_is_hashed_by_its_bytes_whatever_they_are() -> None:
    command = hiding(Redaction(all_headers=True))._replace(headers=(("X", "\xff"),))

    assert shown_headers(command) == {"X": [hash_of(b"\xff")]}
