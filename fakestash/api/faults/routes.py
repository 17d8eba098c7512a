"""The routes that a fault is for: how a path begins, with its version or without.

Such as ``publish``, ``/v2/dlq``, ``queues/orders`` and ``queues/{name}/pause``: a part in braces
stands for any.
"""

from typing import Final

from fakestash.api.table import V1, V2
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.wire.known import nearest

__tracebackhide__ = shown_where_it_was_made

_VERSIONS: Final = frozenset({"v1", "v2"})
_REST: Final = "{destination}"


def checked_route(route: str) -> str:
    """``route`` as it was given.

    Raises:
        UsageError: if no path of the service begins so.
    """
    words = _words(route)
    templates = [_words(template) for template in (*V2, *V1)]
    if any(_fits(words, _as_given(words, template)) for template in templates):
        return route
    first = sorted({template[1] for template in templates})
    asked = words[1:] if words[0].lower() in _VERSIONS else words
    near = nearest(asked[0], first) if asked else None
    meant = f": did you mean {near!r}?" if near and near != asked[0] else ""
    raise UsageError(
        f"route {route!r} is the beginning of no path of the service{meant or ';'} "
        f"paths begin with {', '.join(first)}, and an example is 'queues/{{name}}/pause'"
    )


def is_on(route: str, path: str) -> bool:
    """Whether ``path``, as it was sent, begins with the words of ``route``."""
    asked, sent = _words(route), _words(path)
    return _fits(asked, _as_given(asked, sent))


def _words(path: str) -> list[str]:
    return path.strip("/").split("/")


def _as_given(asked: list[str], words: list[str]) -> list[str]:
    """Words of a path without its version, if the others name none."""
    return words if asked[0].lower() in _VERSIONS else words[1:]


def _fits(asked: list[str], words: list[str]) -> bool:
    """Whether ``words``, of a path or a template, begin as ``asked``."""
    for place, word in enumerate(asked):
        if place >= len(words):
            return False
        if words[place] == _REST:
            return True
        stands_for_any = word.startswith("{") or words[place].startswith("{")
        if not stands_for_any and word.lower() != words[place].lower():
            return False
    return True
