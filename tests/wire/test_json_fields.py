"""JSON bodies, field by field: types, what is missing, and what is no JSON."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.wire import json_fields
from fakestash.wire.json_fields import JsonFields, array_in, object_in, objects
from fakestash.wire.values import INT64_MAX


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        call()
    return refused.value.status, refused.value.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":1} x',
        b'{"a":NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b"[" * 100_000,
        b"[" + b"9" * 5000 + b"]",
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    assert refusal(lambda: object_in(body)) == (400, "invalid json body")
    assert refusal(lambda: array_in(body)) == (400, "invalid json body")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"{}"', b"1", b"true"])
def test_an_object_is_expected(body: bytes) -> None:
    assert refusal(lambda: object_in(body)) == (400, "invalid body: expected a json object")


@pytest.mark.parametrize("body", [b"{}", b"null", b'"[]"', b"1", b"true"])
def test_an_array_is_expected(body: bytes) -> None:
    assert refusal(lambda: array_in(body)) == (400, "invalid body: expected a json array")


def test_objects_and_arrays_come_as_they_are() -> None:
    assert object_in(b' {"a":1,"a":[2]}\n') == {"a": [2]}
    assert array_in(b"[1,null]") == [1, None]
    assert objects([{"a": 1}, {}]) == [{"a": 1}, {}]


@pytest.mark.parametrize("value", [None, 1, "{}", [], True])
def test_every_entry_has_to_be_an_object(value: object) -> None:
    assert refusal(lambda: objects([{}, value])) == (400, "invalid body: expected a json object")


READERS: list[tuple[Callable[[JsonFields, str], object], str, list[object], object]] = [
    (json_fields.text, "a string", [1, True, [], {}, ["a"]], None),
    (json_fields.integer, "an integer", [1.0, "1", True, False, [], {}, INT64_MAX + 1], None),
    (json_fields.boolean, "a boolean", [0, 1, "true", [], {}], None),
    (json_fields.array, "an array", ["a", 1, True, {}], None),
    (json_fields.texts, "an array", ["a", 1, True, {}], ()),
    (json_fields.texts, "a string", [[1], ["a", None], [["a"]], [{}]], ()),
    (json_fields.one_or_more, "a string", [1, True, {}, ["a", 1], [None]], ()),
    (json_fields.header_map, "an object", ["a", 1, True, []], None),
]


@pytest.mark.parametrize(("read", "kind", "others", "nothing"), READERS)
def test_each_field_has_its_type(
    read: Callable[[JsonFields, str], object], kind: str, others: list[object], nothing: object
) -> None:
    assert {refusal(partial(read, {"f": value}, "f")) for value in others} == {
        (400, f'invalid body: field "f" must be {kind}')
    }
    assert read({}, "f") == nothing
    assert read({"f": None, "g": 1}, "f") == nothing


def test_values_of_the_right_type() -> None:
    fields = {"s": "ü", "e": "", "i": -7, "b": False, "a": [1], "t": ["x", ""]}

    assert json_fields.text(fields, "s") == "ü"
    assert json_fields.required_text(fields, "e") == ""
    assert json_fields.integer(fields, "i") == -7
    assert json_fields.integer({"i": INT64_MAX}, "i") == INT64_MAX
    assert json_fields.boolean(fields, "b") is False
    assert json_fields.array(fields, "a") == [1]
    assert json_fields.texts(fields, "t") == ("x", "")
    assert json_fields.one_or_more(fields, "t") == ("x", "")
    assert json_fields.one_or_more(fields, "s") == ("ü",)


@pytest.mark.parametrize("fields", [{}, {"f": None}])
def test_a_text_may_be_required(fields: dict[str, object]) -> None:
    assert refusal(lambda: json_fields.required_text(fields, "f")) == (
        400,
        'invalid body: field "f" is required',
    )


def test_headers_keep_their_names_and_their_order() -> None:
    headers = {"b-B": "1", "A": ["2", ""], "a": [], "Ü": "3"}

    assert json_fields.header_map({"h": headers}, "h") == (
        ("b-B", ("1",)),
        ("A", ("2", "")),
        ("a", ()),
        ("Ü", ("3",)),
    )


@pytest.mark.parametrize("value", [None, 3, True, {}, [1], [None]])
def test_a_bad_value_of_a_header_is_named_by_the_header(value: object) -> None:
    assert refusal(lambda: json_fields.header_map({"h": {"A": "1", "X-B": value}}, "h")) == (
        400,
        'invalid body: field "X-B" must be a string',
    )


def test_half_a_surrogate_pair_is_no_character() -> None:
    fields = object_in(b'{"t":"a\\ud800b\\ud83d\\ude00","h":{"\\udfff":"\\udc00"}}')

    assert json_fields.text(fields, "t") == "a\ufffdb\U0001f600"
    assert json_fields.header_map(fields, "h") == (("\ufffd", ("\ufffd",)),)


def test_other_fields_can_be_refused() -> None:
    json_fields.refuse_others({"a": 1}, frozenset("ab"))

    assert refusal(lambda: json_fields.refuse_others({"a": 1, "x": None}, frozenset("ab"))) == (
        400,
        'invalid body: field "x" is unknown',
    )


@given(st.binary(max_size=30) | st.text('{}[]",:a1 \\ud800').map(str.encode))
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    try:
        found: JsonFields | int = object_in(body)
    except ServiceError as refused:
        found = refused.status

    assert found == 400 or isinstance(found, dict)
