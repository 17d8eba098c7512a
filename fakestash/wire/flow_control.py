"""The flow control of a message or a callback: ``Upstash-Flow-Control-Key`` and ``-Value``.

The value is a list such as ``parallelism=3, rate=4, period=2s``: its keys and units are from the
service's documentation, the rest of the grammar is D91.
"""

from collections.abc import Mapping
from typing import Final

from fakestash import refusals
from fakestash.decisions import D91_MAX_PERIOD_SECONDS
from fakestash.model.settings import FlowControl
from fakestash.syntax.duration import parse_seconds
from fakestash.wire.values import natural, readable

KEY: Final = b"flow-control-key"
VALUE: Final = b"flow-control-value"
_PERIOD: Final = "period"
_LIMITS: Final = ("parallelism", "rate")


def flow_control(settings: Mapping[bytes, bytes], prefix: bytes) -> FlowControl | None:
    """The flow control among ``settings`` whose names begin with ``prefix``; None without any.

    Raises:
        ServiceError: 400 for a bad value, or if one of key and value is there without the other.
    """
    key = settings.get(prefix + KEY)
    value = settings.get(prefix + VALUE)
    if value is None:
        if key is None:
            return None
        raise refusals.flow_control_value_missing()
    if key is None:
        raise refusals.flow_control_key_missing()
    return limits(readable(key), readable(value))


def limits(key: str, value: str) -> FlowControl:
    """The limits that ``value`` writes, for ``key`` (D91).

    Names of limits come in any case. Of one that comes twice the last counts, but every one has
    to be right. Blanks around names and values mean nothing; without a period it is a second.

    Raises:
        ServiceError: 400 for anything else.
    """
    found: dict[str, int] = {}
    for pair in value.split(","):
        name, text = _pair(pair.strip(" \t"))
        found[name] = _period(text) if name == _PERIOD else _limit(name, text)
    if not any(limit in found for limit in _LIMITS):
        raise refusals.invalid_flow_control_value(refusals.FLOW_CONTROL_NO_LIMIT)
    return FlowControl(key, found.get("parallelism"), found.get("rate"), found.get(_PERIOD, 1))


def _pair(pair: str) -> tuple[str, str]:
    name, separator, text = pair.partition("=")
    name = name.rstrip(" \t")
    if not (separator and name):
        raise refusals.invalid_flow_control_value(refusals.FLOW_CONTROL_NO_PAIR.format(pair=pair))
    if name.lower() not in (*_LIMITS, _PERIOD):
        raise refusals.invalid_flow_control_value(
            refusals.FLOW_CONTROL_UNKNOWN_KEY.format(key=name)
        )
    return name.lower(), text.lstrip(" \t")


def _limit(name: str, text: str) -> int:
    number = natural(text)
    if not number:
        raise refusals.invalid_flow_control_value(
            refusals.FLOW_CONTROL_NOT_POSITIVE.format(key=name)
        )
    return number


def _period(text: str) -> int:
    """In seconds."""
    try:
        seconds = parse_seconds(text)
    except ValueError:
        seconds = 0
    if not seconds:
        raise refusals.invalid_flow_control_value(refusals.FLOW_CONTROL_NO_PERIOD)
    if seconds > D91_MAX_PERIOD_SECONDS:
        raise refusals.invalid_flow_control_value(
            refusals.FLOW_CONTROL_LONG_PERIOD.format(limit=D91_MAX_PERIOD_SECONDS)
        )
    return seconds
