"""What is asked of method, body and headers of what is sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from json import loads
from typing import Any, Final, Protocol, TypeAlias

from fakestash.errors import shown_where_it_was_made
from fakestash.matching.arguments import check_expected, check_headers
from fakestash.matching.conditions import ANYTHING, MISSING, Condition, Difference, compared, value
from fakestash.matching.json_subset import differences
from fakestash.matching.words import Words, shown

__tracebackhide__ = shown_where_it_was_made

TextLike: TypeAlias = str | Callable[[str], object]
"""A text, or a function that says whether a text will do."""

BodyLike: TypeAlias = bytes | str | Callable[[bytes], object]
"""A body (text as UTF-8), or a function that says whether a body will do."""

HeadersLike: TypeAlias = Mapping[str, str] | Mapping[str, str | Callable[[str], object] | None]
"""Headers by name in any case: a value, a function that says whether one will do, or None for a
header that must not be there."""

_NO_JSON: Final = object()


class Fields(Protocol):
    """Header fields."""

    def get_all(self, name: str, /) -> Sequence[str]:
        """Every value of a header, its name in any case."""
        ...


class Content(Protocol):
    """What is sent, but for where it goes."""

    @property
    def method(self) -> str:
        """The HTTP method."""
        ...

    @property
    def headers(self) -> Fields:
        """The headers."""
        ...

    @property
    def body(self) -> bytes:
        """The body."""
        ...


def content_conditions(
    method: TextLike | None, body: BodyLike | None, json: object, headers: HeadersLike | None
) -> list[Condition[Content]]:
    """What is asked of method, body and headers."""
    conditions: list[Condition[Content]] = []
    if method is not None:
        check_expected("method", method, str, are="text")
        wanted = method.upper() if isinstance(method, str) else method
        conditions.append(value("method", wanted, lambda sent: sent.method))
    if body is not None:
        check_expected("body", body, bytes, str, are="bytes or text (of JSON: json=)")
        conditions.append(_body(body))
    if json is not ANYTHING:
        conditions.append(_json(json))
    if headers is not None:
        check_headers(headers)
        conditions.append(_headers(headers))
    return conditions


def _body(expected: BodyLike) -> Condition[Content]:
    wanted = expected.encode() if isinstance(expected, str) else expected

    def compare(sent: Content) -> Iterator[Difference]:
        return compared("body", wanted, sent.body)

    return Condition("body", expected, compare)


def _json(expected: object) -> Condition[Content]:
    def compare(sent: Content) -> Iterator[Difference]:
        found = _json_of(sent.body)
        if found is _NO_JSON:
            yield Difference("json", expected, Words(f"no JSON: {shown(sent.body)}"))
        else:
            yield from differences(expected, found)

    return Condition("json", expected, compare)


def _json_of(body: bytes) -> Any:  # noqa: ANN401 - whatever the JSON holds
    try:
        return loads(body)
    except ValueError:
        return _NO_JSON


def _headers(expected: HeadersLike) -> Condition[Content]:
    def compare(sent: Content) -> Iterator[Difference]:
        for name, wanted in expected.items():
            yield from _in_header(f"header {name}", wanted, sent.headers.get_all(name))

    return Condition("headers", dict(expected), compare)


def _in_header(name: str, expected: object, values: Sequence[str]) -> Iterator[Difference]:
    """What differs in one header; of a repeated one any value will do."""
    if expected is None:
        if values:
            yield Difference(name, Words("none"), _all(values))
    elif not values:
        yield Difference(name, expected, MISSING)
    else:
        found = [next(compared(name, expected, each), None) for each in values]
        if None not in found and found[0] is not None:
            yield found[0]._replace(was=_all(values))


def _all(values: Sequence[str]) -> object:
    return values[0] if len(values) == 1 else Words(" and ".join(map(shown, values)))
