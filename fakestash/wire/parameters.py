"""What a list or a bulk call is asked, key by key: from a query string, or from a JSON body.

A key that the call does not have is refused (D13): passed over, a filter would let a bulk call
reach more than was meant. One without a value counts as not given.
"""

from collections.abc import Iterable
from typing import Final, Self

from fakestash import refusals
from fakestash.wire import json_fields
from fakestash.wire import query as query_strings
from fakestash.wire.values import boolean, integer

_SETTING: Final = "upstash-"
# Part of anybody's query string.
_TOKEN: Final = "qstash_token"  # noqa: S105 - the name of the parameter, not a token


class Parameters:
    """The values of every key, without the empty ones."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values

    @classmethod
    def of_query(cls, query: str, known: frozenset[str], *, with_settings: bool = False) -> Self:
        """The parameters in a query string.

        ``with_settings`` has the parameters passed over that stand for headers of a publish.

        Raises:
            ServiceError: 400 for a key that is not ``known``.
        """
        values: dict[str, list[str]] = {}
        for key, value in query_strings.pairs(query):
            if key in known:
                if value:
                    values.setdefault(key, []).append(value)
            elif key != _TOKEN and not (with_settings and key.lower().startswith(_SETTING)):
                raise refusals.unknown_query_parameter(key)
        return cls(values)

    @classmethod
    def of_body(cls, body: bytes, texts: frozenset[str], integers: frozenset[str]) -> Self:
        """The parameters in a JSON object; there are none in an empty body.

        ``texts`` are the keys of strings and arrays of them, ``integers`` those of numbers.

        Raises:
            ServiceError: 400 for another key, a value of another type, and no JSON object.
        """
        values: dict[str, list[str]] = {}
        if not body:
            return cls(values)
        fields = json_fields.object_in(body)
        json_fields.refuse_others(fields, texts | integers)
        for key in fields:
            if key in integers:
                amount = json_fields.integer(fields, key)
                found = [] if amount is None else [str(amount)]
            else:
                found = [value for value in json_fields.one_or_more(fields, key) if value]
            if found:
                values[key] = found
        return cls(values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def one(self, key: str) -> str | None:
        """The first value."""
        values = self._values.get(key)
        return values[0] if values else None

    def several(self, *keys: str) -> frozenset[str]:
        """All values, those between commas too; blanks around them are dropped."""
        return frozenset(self.in_order(*keys))

    def in_order(self, *keys: str) -> list[str]:
        """The same in their order."""
        return [
            part
            for key in keys
            for value in self._values.get(key, ())
            for piece in value.split(",")
            if (part := piece.strip())
        ]

    def urls(self) -> frozenset[str]:
        """The ``url`` values: a comma separates only if another URL follows it (D45)."""
        return frozenset(url for value in self._values.get("url", ()) for url in _split(value))

    def integer(self, key: str) -> int | None:
        """The first value as a number.

        Raises:
            ServiceError: 400 if it is none.
        """
        text = self.one(key)
        return None if text is None else number(key, text)

    def boolean(self, key: str) -> bool:
        """The first value as a truth value; false if there is none.

        Raises:
            ServiceError: 400 if it is none.
        """
        text = self.one(key)
        if text is None:
            return False
        wanted = boolean(text)
        if wanted is None:
            raise refusals.invalid_boolean(key, text)
        return wanted


def number(key: str, text: str) -> int:
    """The number that a value of ``key`` writes.

    Raises:
        ServiceError: 400 if it writes none.
    """
    found = integer(text)
    if found is None:
        raise refusals.invalid_number(key, text)
    return found


def _split(value: str) -> Iterable[str]:
    urls: list[str] = []
    for piece in value.split(","):
        if urls and not piece.lstrip().startswith("http"):
            urls[-1] += f",{piece}"
        else:
            urls.append(piece)
    return [trimmed for url in urls if (trimmed := url.strip())]
