"""How the fixture of a test is set up: what the options say, and what its markers say of it.

Of several markers the closest to the test wins, and any of them over an option.
"""

from typing import Any, Final, NamedTuple

import pytest

from fakestash import UsageError

OFF: Final = "off"
WARN: Final = "warn"
ERROR: Final = "error"
_AUDITS: Final = (OFF, WARN, ERROR)

_OF_THE_FAKE: Final = (
    "start",
    "seed",
    "region",
    "plan",
    "strict_hosts",
    "llm_target",
    "sign_with_virtual_time",
    "strict",
)
_KEYWORDS: Final = (*_OF_THE_FAKE, "freeze", "audit")


class Settings(NamedTuple):
    """``fake`` is for the fake itself."""

    fake: dict[str, Any]
    freeze: bool
    audit: str


def settings_of(node: pytest.Item) -> Settings:
    """The settings of one test.

    Raises:
        UsageError: if a marker or an option says what cannot be.
    """
    config = node.config
    said: dict[str, Any] = {
        "strict": config.getini("fakestash_strict"),
        "freeze": config.getini("fakestash_freeze"),
        "audit": config.getini("fakestash_audit"),
    }
    start: str = config.getini("fakestash_start")
    if start:
        said["start"] = start
    for marker in reversed(list(node.iter_markers("qstash"))):
        _check(marker)
        said |= marker.kwargs
    if said["audit"] not in _AUDITS:
        raise UsageError(f"audit must be one of {', '.join(_AUDITS)}, got {said['audit']!r}")
    return Settings(
        {name: said[name] for name in _OF_THE_FAKE if name in said}, said["freeze"], said["audit"]
    )


def _check(marker: pytest.Mark) -> None:
    known = ", ".join(_KEYWORDS)
    if marker.args:
        raise UsageError(f"@pytest.mark.qstash takes keywords only, such as start=...: {known}")
    for name in marker.kwargs:
        if name not in _KEYWORDS:
            raise UsageError(f"@pytest.mark.qstash has no keyword {name!r}; it has {known}")
