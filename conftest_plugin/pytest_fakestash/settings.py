"""How the fixture of a test is set up: what the options say, and what its markers say of it.

Of several markers the closest to the test wins, and any of them over an option.
"""

from typing import Any, Final, NamedTuple

import pytest

from fakestash import Disturbances, UsageError

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
    "strict_api",
    "chaos",
)
_KEYWORDS: Final = (*_OF_THE_FAKE, "freeze", "audit")


_NO_SEEDS: Final = (
    "chaos={} runs a test once for each seed, and pytest can do so only if qstash is among the "
    "arguments of the test or of its fixtures, and the test is no method of a unittest.TestCase; "
    "elsewhere use fakestash.explore, or a text such as chaos='deliver #1 twice'"
)


class Settings(NamedTuple):
    """``fake`` is for the fake itself."""

    fake: dict[str, Any]
    freeze: bool
    audit: str


def seeds_of(node: pytest.Item) -> int:
    """How many seeds of chaos a test runs with, beside undisturbed.

    Raises:
        UsageError: if a marker or the option says what cannot be.
    """
    said: Any = node.config.getini("fakestash_chaos")
    if said and not said.isdecimal():
        raise UsageError(f"fakestash_chaos must be a whole number from 0 on, got {said!r}")
    said = int(said or 0)
    for marker in node.iter_markers("qstash"):
        if "chaos" in marker.kwargs:
            said = marker.kwargs["chaos"]
            break
    if isinstance(said, str | Disturbances):
        return 0
    if type(said) is not int or said < 0:
        raise UsageError(
            f"chaos must be how many seeds to try, or text such as 'deliver #3 twice', got {said!r}"
        )
    return said


def settings_of(node: pytest.Item) -> Settings:
    """The settings of one test.

    Raises:
        UsageError: if a marker or an option says what cannot be.
    """
    config = node.config
    said: dict[str, Any] = {
        "strict": config.getini("fakestash_strict"),
        "strict_api": config.getini("fakestash_strict_api"),
        "freeze": config.getini("fakestash_freeze"),
        "audit": config.getini("fakestash_audit"),
    }
    start: str = config.getini("fakestash_start")
    if start:
        said["start"] = start
    for marker in reversed(list(node.iter_markers("qstash"))):
        _check(marker)
        said |= marker.kwargs
    seeds = seeds_of(node)
    if not isinstance(said.get("chaos"), str | Disturbances):
        said.pop("chaos", None)  # a number: the test is run so often
        if seeds and not _is_run_by_seed(node):
            raise UsageError(_NO_SEEDS.format(seeds))
    if said["audit"] not in _AUDITS:
        raise UsageError(f"audit must be one of {', '.join(_AUDITS)}, got {said['audit']!r}")
    return Settings(
        {name: said[name] for name in _OF_THE_FAKE if name in said}, said["freeze"], said["audit"]
    )


def _is_run_by_seed(node: pytest.Item) -> bool:
    """Whether it is one of the tests that chaos makes of one."""
    callspec: Any = getattr(node, "callspec", None)
    return callspec is not None and "qstash" in callspec.params


def _check(marker: pytest.Mark) -> None:
    known = ", ".join(_KEYWORDS)
    if marker.args:
        raise UsageError(f"@pytest.mark.qstash takes keywords only, such as start=...: {known}")
    for name in marker.kwargs:
        if name not in _KEYWORDS:
            raise UsageError(f"@pytest.mark.qstash has no keyword {name!r}; it has {known}")
