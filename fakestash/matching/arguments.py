"""What is given to a question about the fake, checked before it is asked.

What can never be found passes for what is not there, so such a slip has to be told.
"""

from collections.abc import Collection, Mapping
from typing import Final, cast

from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made

_PLAIN: Final = (str, bytes, int, float, list, tuple, dict, set, frozenset)
"""Their instances equal nothing but their like; other objects may equal what they please."""


def check_id(name: str, value: object) -> None:
    """Make sure that an id is text.

    Raises:
        UsageError: if it is not, as where the client's whole answer is given in place of its id.
    """
    if isinstance(value, str):
        return
    inside: object = getattr(value, name, None)
    hint = f": give its .{name}" if isinstance(inside, str) else ""
    raise UsageError(f"{name} must be an id as text, got {value!r:.80}{hint}")


def check_states(states: Collection[object], known: Collection[str]) -> None:
    """Make sure that there are such states.

    Raises:
        UsageError: if there is one that is none of ``known``.
    """
    for state in states:
        if state not in known:
            raise UsageError(f"state must be one of {', '.join(known)}, got {state!r:.80}")


def check_expected(name: str, value: object, *kinds: type, are: str) -> None:
    """Make sure that a value can be met: that it is of a kind that is found, or a function.

    Raises:
        UsageError: if it is of another; ``are`` says what will do.
    """
    if isinstance(value, _PLAIN) and not isinstance(value, kinds):
        raise UsageError(
            f"{name} must be {are}, or a function that says whether one will do, got {value!r:.80}"
        )


def check_headers(headers: object) -> None:
    """Make sure that expected headers are values by name, each text, a function, or None.

    Raises:
        UsageError: if they are not.
    """
    if not isinstance(headers, Mapping):
        raise UsageError(f"headers must be values by name in a dict, got {headers!r:.80}")
    for name, value in cast("Mapping[object, object]", headers).items():
        check_expected(f"header {name}", value, str, are="text")


def check_number(name: str, value: object, least: int) -> None:
    """Make sure that an expected number is one from ``least`` on, or a function.

    Raises:
        UsageError: if it is not.
    """
    are = f"a whole number from {least} on"
    check_expected(name, value, int, are=are)
    if isinstance(value, int) and value < least:
        raise UsageError(f"{name} must be {are}, got {value!r}")
