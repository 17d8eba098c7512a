"""Errors, sorted by whose fault they are.

``ServiceError`` is an answer of the service to its caller and carries its wire form;
``UsageError`` is a mistake in how a test or script drives the fake; ``InternalError`` is
a defect of fakestash itself.
"""

from typing import Final, Protocol


class _Raised(Protocol):
    @property
    def value(self) -> BaseException:
        """The exception."""
        ...


class FakeStashError(Exception):
    """Base of every error that fakestash raises on purpose."""


class ServiceError(FakeStashError):
    """A refusal as the service itself would send it: HTTP status, text, extra headers.

    The texts are made in ``fakestash.refusals`` only.
    """

    def __init__(self, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


class UsageError(FakeStashError):
    """The fake was asked for something that cannot be right; the text says what to do."""


class NestedMoveError(UsageError):
    """Time was moved while it was already being moved, or from inside a delivery."""


class RunningLoopError(UsageError):
    """A blocking move of time was asked for in a thread that runs an event loop."""


class RunawayError(UsageError):
    """A move of time ran into its cap on events; the text names the culprit."""


class ConditionNotMetError(UsageError):
    """``run_until`` ran out of events while its predicate was still false."""


class StrayDestinationError(UsageError):
    """A message was due for a URL that nothing serves and that may not be called for real."""


class InternalError(FakeStashError):
    """A defect of fakestash: please report it with its text."""


class AuditWarning(UserWarning):
    """A test left something behind, and ``fakestash_audit`` is ``warn``."""


RAISED_BY: Final = "raised in the delivery "
"""How the note begins that an exception of user code gets which is raised again in strict mode."""


def shown_where_it_was_made(raised: _Raised) -> bool:
    """Whether ``raised`` is the user's own, so that pytest should show the user's lines only.

    Modules that such errors pass through name it as their ``__tracebackhide__``, which pytest
    calls with its ``ExceptionInfo``.
    """
    return isinstance(raised.value, (UsageError, AssertionError)) or is_raised_again(raised.value)


def is_raised_again(error: BaseException) -> bool:
    """Whether user code raised it in a delivery, and strict mode in the test."""
    notes: list[str] = getattr(error, "__notes__", [])
    return any(note.startswith(RAISED_BY) for note in notes)
