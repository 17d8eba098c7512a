"""What the report of a failed test tells: the fake's timeline, and what apps raised."""

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import fakestash

_SHOWN_FRAMES: Final = 3
"""How many of the user's own frames of a traceback are shown."""


def story(fake: fakestash.FakeQStash) -> str:
    """The section about ``fake``."""
    try:
        return "\n".join([fake.timeline(), *_exceptions(fake)])
    except Exception as error:  # noqa: BLE001 - the report of the test itself must come through
        return f"  cannot be shown: {error!r}"


def _exceptions(fake: fakestash.FakeQStash) -> Iterator[str]:
    """What apps raised, with its traceback in short; what was raised again is shown once."""
    attempts: dict[tuple[str, str], list[str]] = {}
    for delivery in fake.deliveries:
        if delivery.exception is not None:
            key = (f"{delivery.method} {delivery.url}", _traceback(delivery.exception))
            attempts.setdefault(key, []).append(str(delivery.retried + 1))
    for (name, text), numbers in attempts.items():
        yield f"\nraised by {name}, attempt {', '.join(numbers)}:\n{text}"


def _traceback(raised: BaseException) -> str:
    """The frames of a traceback that help: the user's last ones, and the one that raised."""
    told = traceback.TracebackException.from_exception(raised, lookup_lines=False)
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
    libraries = (Path(traceback.__file__).parent, Path(fakestash.__file__).parent)
    return (
        not filename.startswith("<")
        and not {"site-packages", "dist-packages"}.intersection(path.parts)
        and not any(path.is_relative_to(library) for library in libraries)
    )
