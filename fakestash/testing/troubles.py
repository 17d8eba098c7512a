"""What went wrong in apps, as text: why they refused deliveries, and what they raised."""

import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from fakestash.delivery.journal import Delivery

_PACKAGE: Final = Path(__file__).parents[1]

_SHOWN_FRAMES: Final = 3
"""How many of the user's own frames of a traceback are shown."""


def troubles(deliveries: Iterable[Delivery], told: str, known: BaseException | None) -> str:
    """A paragraph for each trouble, but for refusals that are ``told`` and what is ``known``."""
    refused: list[tuple[Delivery, str]] = []
    raised: list[tuple[Delivery, str]] = []
    for delivery in deliveries:
        error, reason = delivery.exception, delivery.diagnosis
        if reason is not None and reason.headline not in told:
            refused.append((delivery, str(reason)))
        if error is not None and error is not known:
            is_explained = reason is not None and reason.is_certain
            raised.append((delivery, _traceback(error, is_explained=is_explained)))
    return "\n\n".join([*_paragraphs("refused", refused), *_paragraphs("raised", raised)])


def _paragraphs(verb: str, told: Iterable[tuple[Delivery, str]]) -> Iterator[str]:
    """A paragraph for each text about deliveries; what came again is shown once."""
    attempts: dict[tuple[str, str], list[str]] = {}
    for delivery, text in told:
        key = (f"{delivery.method} {delivery.url}", text)
        attempts.setdefault(key, []).append(str(delivery.retried + 1))
    for (name, text), numbers in attempts.items():
        yield f"{verb} by {name}, attempt {', '.join(numbers)}:\n{text}"


def _traceback(raised: BaseException, *, is_explained: bool) -> str:
    """The frames of a traceback that help: the user's last ones, and the one that raised.

    Of one that is explained the user's alone, without what led to it in a library.
    """
    told = traceback.TracebackException.from_exception(raised, lookup_lines=False)
    if is_explained:
        told.__cause__ = told.__context__ = None
        told.stack[:] = [each for each in told.stack if _is_users(each.filename)]
    _shorten(told)
    return "".join(told.format()).rstrip()


def _shorten(told: traceback.TracebackException) -> None:
    frames = [frame for frame in told.stack if _is_users(frame.filename)] or list(told.stack)
    raising = told.stack[-1:]
    shown = frames[-_SHOWN_FRAMES:]
    told.stack[:] = shown if shown[-1:] == raising else shown + raising
    for other in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if other is not None:
            _shorten(other)


def _is_users(filename: str) -> bool:
    """Whether a file belongs to neither Python, nor an installed package, nor fakestash."""
    path = Path(filename)
    libraries = (Path(traceback.__file__).parent, _PACKAGE)
    return (
        not filename.startswith("<")
        and not {"site-packages", "dist-packages"}.intersection(path.parts)
        and not any(path.is_relative_to(library) for library in libraries)
    )
