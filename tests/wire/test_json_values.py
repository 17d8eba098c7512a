"""JSON as the service writes it."""

import pytest

from fakestash.wire.json_values import (
    JsonObject,
    base64_text,
    header_map,
    json_bytes,
    put,
    put_body,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"b":1,"a":[true,null]}'),
        ({"x": "grün 自 <&> \u2028"}, '{"x":"grün 自 <&> \u2028"}'),
        ({"x": '"\\\n\x01'}, '{"x":"\\"\\\\\\n\\u0001"}'),
        ({"x": "\ud800"}, '{"x":"?"}'),
    ],
)
def test_json_is_compact_and_keeps_its_characters(value: object, text: str) -> None:
    assert json_bytes(value) == text.encode()


def test_a_header_map_has_canonical_names_in_order_and_arrays() -> None:
    items = [
        ("x-b", "2"),
        ("content-type", "a/b"),
        ("X-B", "1"),
        ("x-a", "gr\xc3\xbcn \xff"),
        ("a b", ""),
    ]

    assert list(header_map(items).items()) == [
        ("Content-Type", ["a/b"]),
        ("X-A", ["grün \ufffd"]),
        ("X-B", ["2", "1"]),
        ("a b", [""]),
    ]


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b"", {}),
        ("grün".encode(), {"body": "grün"}),
        (b"\x00\n", {"body": "\x00\n"}),
        (b"\xff\xfe", {"bodyBase64": "//4="}),
        (b"\xed\xa0\x80", {"bodyBase64": "7aCA"}),
    ],
)
def test_a_body_is_text_if_it_can_be(body: bytes, keys: JsonObject) -> None:
    into: JsonObject = {}

    put_body(into, "body", body)

    assert into == keys


@pytest.mark.parametrize(
    ("value", "keys"), [(None, {}), (0, {"x": 0}), ("", {"x": ""}), (False, {"x": False})]
)
def test_a_value_is_left_out_only_if_there_is_none(value: object, keys: JsonObject) -> None:
    into: JsonObject = {}

    put(into, "x", value)

    assert into == keys


def test_base64_is_padded() -> None:
    assert base64_text(b"a") == "YQ=="
