"""What a face is: something that steps can be said to."""

import inspect
from collections.abc import Callable

from tests.scenarios.play import Call, Raw, Refused
from tests.scenarios.shape import Args


class CannotSayError(Exception):
    """A face has no way to say a step."""


class Face:
    """Has a method for each kind of step that it can say.

    The arguments of a method are what can be said with that kind. What all of them give back is
    the same for every face: ``Accepted`` messages, rows with the keys of the others, or None.
    """

    needs_loop = False
    """Whether it speaks only inside an event loop, by ``do_async``."""

    def do(self, call: Call) -> Raw:
        """Say a step; what is refused is given back.

        Raises:
            CannotSayError: if it has no way to.
        """
        said = self._said(call)
        try:
            return said()
        except Exception as error:
            refused = self.refusal_of(error)
            if refused is None:
                raise
            return refused

    async def do_async(self, call: Call) -> Raw:
        """``do`` without blocking the event loop."""
        return self.do(call)

    def refusal_of(self, error: Exception) -> Refused | None:
        """What the service said, if this is a refusal of its."""
        raise NotImplementedError

    def _said(self, call: Call) -> Callable[[], Raw]:
        method = getattr(self, call.kind, None)
        if method is None:
            raise CannotSayError(call.kind)
        try:
            inspect.signature(method).bind(**call.args)
        except TypeError as error:
            raise CannotSayError(f"{call.kind}: {error}") from None
        return lambda: method(**call.args)


def known(settings: Args, *names: str) -> None:
    """Refuse settings that a face cannot say.

    Raises:
        CannotSayError: naming them.
    """
    unknown = settings.keys() - set(names)
    if unknown:
        raise CannotSayError(", ".join(sorted(unknown)))
