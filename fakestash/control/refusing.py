"""From errors to answers of the control API."""

from typing import Final

from fakestash.api.calls import Reply, json_reply
from fakestash.api.errors import OnDefect
from fakestash.control.asked import BAD, REFUSED_NOW, ControlError
from fakestash.errors import (
    NestedMoveError,
    RunawayError,
    ServiceError,
    StrayDestinationError,
    UsageError,
    is_raised_again,
)
from fakestash.syntax.moments import DURATION_HINT, INSTANT_HINT

_DEFECT: Final = 500
_NOT_NOW: Final = (RunawayError, StrayDestinationError)
_IN_JSON: Final = {
    DURATION_HINT: 'give seconds as a number (90 or 1.5), or text such as "1h30m", "90s", "1.5h" '
    'or "500ms" (units ms, s, m, h, d, w)',
    INSTANT_HINT: "give unix ms as a number, or ISO 8601 text with an offset such as "
    '"2026-01-01T00:00:00Z"',
}
"""How durations and instants are written here, where Python has other ways."""

_BUSY: Final = (
    "time is being moved right now, or something delivered by hand: ask again when that is over, "
    "and not from an app while it is being delivered to (a move ends at once when the client that "
    "asked for it goes away)"
)


def refusal_of(error: BaseException, on_defect: OnDefect) -> Reply:
    """The answer to a request that failed; a defect is handed to its owner, too."""
    if isinstance(error, ServiceError):
        return _refusal(error.status, error.text)._replace(headers=error.headers)
    if isinstance(error, ControlError):
        return _refusal(error.status, error.text)
    if isinstance(error, NestedMoveError):
        return _refusal(REFUSED_NOW, _BUSY)
    if isinstance(error, UsageError):
        return _refusal(REFUSED_NOW if isinstance(error, _NOT_NOW) else BAD, _in_json(str(error)))
    told = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if isinstance(error, AssertionError) or is_raised_again(error):  # by code of the user
        return _refusal(REFUSED_NOW, told)
    if isinstance(error, Exception):
        on_defect(error)
    return _refusal(_DEFECT, f"defect in fakestash, please report it: {told}")


def _in_json(text: str) -> str:
    for hint, ours in _IN_JSON.items():
        text = text.replace(hint, ours)
    return text


def _refusal(status: int, text: str) -> Reply:
    return json_reply(status, {"error": text})
