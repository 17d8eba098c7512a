"""What can be wrong with a delivery in the eyes of an app."""

from dataclasses import dataclass
from enum import StrEnum


class RefusalCause(StrEnum):
    """Which check failed, or what else had the app refuse."""

    BODY = "body"
    URL = "url"
    KEY = "key"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    CSRF = "csrf"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, or may be.

    ``part`` is the part of the URL that differs: ``scheme``, ``user``, ``host``, ``port``,
    ``path``, ``trailing slash``, ``query``, ``fragment`` or ``spelling``. ``sent`` and ``checked``
    are the two values as text, long ones cut to where they differ; empty if there are none.
    """

    cause: RefusalCause
    what: str
    """What is wrong, in words."""

    part: str | None = None
    sent: str = ""
    checked: str = ""
    advice: str = ""
    """What to do about it."""
