"""Signing keys by name. Keys are shown shortened: one from elsewhere may be a real secret."""

from collections.abc import Iterable
from typing import Any, Final

from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS

_HEAD: Final = 8
_TAIL: Final = 2
_WRAPPING: Final = " \t\r\n\"'`"

Variables = Iterable[tuple[str, str]]


def key_text(key: Any, signing_key: str, variables: Variables) -> str:  # noqa: ANN401 - what the app used
    """A key that an app used: shortened, and what is known of it.

    Args:
        key: the key.
        signing_key: the key that signed.
        variables: the environment's variables about keys.
    """
    if not isinstance(key, str):
        return f"{key!r}" if key is None else f"no text but {type(key).__name__}"
    if not key.strip(_WRAPPING):
        return f"{key!r}, which is empty" if not key else f"{key!r}, which is blank"
    known = _known_keys(signing_key)
    what = known.get(key)
    if what is None and key.strip(_WRAPPING) in known:
        what = f"{known[key.strip(_WRAPPING)]}, with blanks or quotes around it"
    if what is None:
        what = "a key that this fake does not know"
    return f"{shortened(key)}, {what}{_origin(key, variables)}"


def shortened(key: str) -> str:
    """A key as far as it needs to be seen, in quotes."""
    shown = key if len(key) <= _HEAD else f"{key[:_HEAD]}...{key[-_TAIL:]}"
    return repr(shown)


def _origin(key: str, variables: Variables) -> str:
    names = [name for name, value in variables if value == key]
    return f" ({', '.join(names)})" if names else ""


def _known_keys(signing_key: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for user in PREDEFINED_USERS:
        whose = "the fake's" if user is DEFAULT_USER else f"{user.id}'s"
        known[user.token] = f"the token of {user.id}"
        known[user.keys.current] = f"{whose} current key"
        known[user.keys.next] = f"{whose} next key"
        if user is DEFAULT_USER and signing_key != user.keys.current and _is_rotated(signing_key):
            known[user.keys.current] += " as it was before it was rotated"
    known[signing_key] = "the key that signed"
    return known


def _is_rotated(signing_key: str) -> bool:
    """Whether a key is none that users have from the start, or the next one of theirs."""
    return all(signing_key != user.keys.current for user in PREDEFINED_USERS)
