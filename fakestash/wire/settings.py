"""The values of a publish's plain settings, one function each: bytes of the wire in, value out.

Each raises ``ServiceError`` with status 400 for a value it cannot read. Numbers and instants
come out as the models keep them: ms.
"""

from collections.abc import Callable
from typing import Final
from unicodedata import category

from fakestash import refusals
from fakestash.decisions import (
    D14_MAX_DEDUPLICATION_ID_LENGTH,
    D14_MAX_LABEL_LENGTH,
    D14_MAX_LABELS,
)
from fakestash.errors import ServiceError
from fakestash.syntax import retry_delay
from fakestash.syntax.duration import parse_seconds
from fakestash.syntax.retry_delay import ExpressionError, RetryDelay
from fakestash.wire.values import INT64_MAX, boolean, is_name, natural, readable

_SECOND_MS: Final = 1000
_BLANKS: Final = b" \t"
_METHODS: Final = {method.encode(): method for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}


def flag(value: bytes | None, refusal: Callable[[str], ServiceError]) -> bool:
    """A truth value (D84); False if none was sent."""
    if value is None:
        return False
    text = readable(value)
    wanted = boolean(text)
    if wanted is None:
        raise refusal(text)
    return wanted


def method(value: bytes) -> str:
    """A method that can be delivered, in any case (D82)."""
    found = _METHODS.get(value) or _METHODS.get(value.strip(_BLANKS).upper())
    if found is None:
        raise refusals.invalid_method(readable(value))
    return found


def retries(value: bytes) -> int:
    """How often to retry."""
    text = readable(value)
    number = natural(text)
    if number is None:
        raise refusals.invalid_retries(text)
    return number


def retry_expression(value: bytes) -> RetryDelay:
    """The expression of ``Upstash-Retry-Delay``."""
    try:
        return retry_delay.parse(readable(value))
    except ExpressionError as mistake:
        raise refusals.invalid_retry_delay(str(mistake)) from None


def timeout(value: bytes) -> int:
    """In ms. Zero is refused: it would leave no time at all."""
    text = readable(value)
    try:
        seconds = parse_seconds(text)
    except ValueError:
        seconds = 0
    if not seconds:
        raise refusals.invalid_timeout(text)
    return seconds * _SECOND_MS


def delay(value: bytes) -> int:
    """In ms."""
    text = readable(value)
    try:
        return parse_seconds(text) * _SECOND_MS
    except ValueError:
        raise refusals.invalid_delay(text) from None


def not_before(value: bytes) -> int:
    """Unix ms of the unix seconds given; they have to fit the service's integers as ms too."""
    text = readable(value)
    seconds = natural(text)
    if seconds is None or seconds > INT64_MAX // _SECOND_MS:
        raise refusals.invalid_not_before(text)
    return seconds * _SECOND_MS


def labels(value: bytes) -> tuple[str, ...]:
    """Trimmed, empty ones dropped (D41)."""
    text = readable(value)
    if _has_control_character(text):
        raise refusals.invalid_label(refusals.LABEL_CONTROL_CHARACTER)
    found = tuple(label for part in text.split(",") if (label := part.strip()))
    if len(found) > D14_MAX_LABELS:
        raise refusals.invalid_label(refusals.LABEL_TOO_MANY.format(limit=D14_MAX_LABELS))
    if any(len(label) > D14_MAX_LABEL_LENGTH for label in found):
        raise refusals.invalid_label(refusals.LABEL_TOO_LONG.format(limit=D14_MAX_LABEL_LENGTH))
    return found


def deduplication_id(value: bytes) -> str:
    """Any text without a colon, of limited length."""
    text = readable(value)
    if ":" in text:
        raise refusals.deduplication_id_with_colon()
    if len(text) > D14_MAX_DEDUPLICATION_ID_LENGTH or _has_control_character(text):
        raise refusals.invalid_deduplication_id()
    return text


def name(text: str, what: str) -> str:
    """A ``queue name`` or ``schedule id``: letters, digits, ``-``, ``_`` and ``.``."""
    if not is_name(text):
        raise refusals.invalid_name(what)
    return text


def _has_control_character(text: str) -> bool:
    return any(category(character) == "Cc" for character in text)
