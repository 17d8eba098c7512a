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

_DEFECT: Final = 500
_NOT_NOW: Final = (RunawayError, StrayDestinationError)
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
        return _refusal(REFUSED_NOW if isinstance(error, _NOT_NOW) else BAD, str(error))
    told = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if isinstance(error, AssertionError) or is_raised_again(error):  # by code of the user
        return _refusal(REFUSED_NOW, told)
    if isinstance(error, Exception):
        on_defect(error)
    return _refusal(_DEFECT, f"defect in fakestash, please report it: {told}")


def _refusal(status: int, text: str) -> Reply:
    return json_reply(status, {"error": text})
