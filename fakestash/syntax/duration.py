"""Durations as the service's headers and JSON fields write them, such as ``1d10h30m``.

The units and the bare number of seconds are from the service's documentation. What the
documentation leaves open is decided in ``parse_seconds`` (D90). The wider notation of the
Python API (``"1.5h"``, ``"500ms"``) is in ``fakestash.syntax.moments``.
"""

import re
from collections.abc import Mapping
from typing import Final

_UNIT_SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_NUMBER: Final = re.compile(r"[0-9]+")
_PART: Final = re.compile(r"([0-9]+)([smhd])")

_MOST_DIGITS: Final = 15
"""More digits cannot be meant, would overflow the service's own integers, and very many
would make Python refuse the conversion with a text about its own settings."""


def parse_seconds(text: str) -> int:
    """Return the duration that ``text`` writes, in whole seconds.

    A duration is one or more ``digits unit`` with the units ``s``, ``m``, ``h`` and ``d``,
    or digits alone, which are seconds (documented). D90: blanks around it are trimmed; a
    unit comes at most once, in any order; digits are ASCII; there are no decimals, signs,
    capital letters, blanks inside, nor numbers of more than 15 digits (leading zeros do
    not count).

    Raises:
        ValueError: the text is no duration; the reason is for people, not for the wire.
    """
    trimmed = text.strip(" \t")
    if not trimmed:
        raise ValueError("the duration is empty")
    if _NUMBER.fullmatch(trimmed):
        return _number(trimmed)
    amounts: dict[str, int] = {}
    at = 0
    while at < len(trimmed):
        part = _PART.match(trimmed, at)
        if part is None:
            raise ValueError(
                f"expected digits and then one of s, m, h, d from character {at + 1} on"
            )
        digits, unit = part.groups()
        if unit in amounts:
            raise ValueError(f"the unit {unit} comes twice")
        amounts[unit] = _number(digits)
        at = part.end()
    return sum(amount * _UNIT_SECONDS[unit] for unit, amount in amounts.items())


def _number(digits: str) -> int:
    significant = digits.lstrip("0")
    if len(significant) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    return int(significant or "0")
