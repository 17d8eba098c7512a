"""Plain values as they stand on the wire: numbers, booleans, and text for people to read.

Numbers follow the service's language: ASCII digits only, no sign where none is needed, and
nothing beyond a signed 64-bit integer. The words for booleans are D84.
"""

import re
from typing import Final

INT64_MAX: Final = 2**63 - 1
"""The largest integer that the service's own parsers take."""

_INT64_DIGITS: Final = 19

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")

_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})


def natural(text: str) -> int | None:
    """The number that ``text`` writes in ASCII digits; None if it is anything else."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) > _INT64_DIGITS:
        # Cut before it is converted: Python refuses to convert thousands of digits.
        text = text.lstrip("0")[: _INT64_DIGITS + 1] or "0"
    number = int(text)
    return number if number <= INT64_MAX else None


def integer(text: str) -> int | None:
    """As ``natural``, with a minus sign allowed."""
    if text.startswith("-"):
        number = natural(text[1:])
        return None if number is None else -number
    return natural(text)


def boolean(text: str) -> bool | None:
    """The truth value that ``text`` writes; None if it writes none (D84)."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def is_name(text: str) -> bool:
    """Whether queues, schedules and URL groups can have this name (documented)."""
    return _NAME.fullmatch(text) is not None


def readable(value: bytes) -> str:
    """A header value or query part as text: UTF-8, with U+FFFD where it is not.

    Blanks around it are no part of it.
    """
    return value.decode("utf-8", "replace").strip(" \t")


def shown(text: str) -> str:
    """A stored header value as JSON shows it: its bytes read as UTF-8 (D24).

    Header values are kept as Latin-1 text, which holds any bytes. Text that cannot come from
    bytes, as a destination in Python may answer, is shown as it is.
    """
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text
