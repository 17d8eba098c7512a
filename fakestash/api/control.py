"""Routes of the development server for its clock: read it, and move it if it stands still.

They are ours, not the service's: they live under ``/_fakestash`` and need no token. Any
content type is taken for JSON, so that a plain ``curl -d`` will do.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fakestash.errors import NestedMoveError, RunawayError, UsageError
from fakestash.syntax.moments import DurationLike, InstantLike, instant_of, millis_of

Json: TypeAlias = dict[str, Any]

CLOCK_PATH: Final = "/_fakestash/clock"

_RUNS_BY_ITSELF: Final = (
    "this clock runs by itself and cannot be moved: start the server with "
    "`fakestash dev --manual` to move it by hand"
)


class ClockFace(Protocol):
    """The clock of a server, as JSON. A move answers with the report of what happened."""

    @property
    def is_manual(self) -> bool:
        """Whether it stands still until it is moved; if not, it must not be."""
        ...

    def state(self) -> Json:
        """What it shows, how it runs, and what is due next."""
        ...

    async def advance(self, duration: DurationLike) -> Json:
        """Move on by ``duration``."""
        ...

    async def advance_to(self, instant: InstantLike) -> Json:
        """Move on to ``instant``."""
        ...

    async def next(self) -> Json:
        """Jump to the next event and run it."""
        ...

    async def run_until_idle(self) -> Json:
        """Run events until nothing is due any more."""
        ...


def clock_routes(clock: ClockFace) -> list[Route]:
    """The routes for ``clock``."""

    async def show(_: Request) -> Response:
        return JSONResponse(clock.state())

    def moving(name: str, move: Callable[[Json], Awaitable[Json]], field: str = "") -> Route:
        async def answer(request: Request) -> Response:
            if not clock.is_manual:
                return _error(409, _RUNS_BY_ITSELF)
            try:
                return JSONResponse(await move(_read(await request.body(), field)))
            except (NestedMoveError, RunawayError) as error:
                return _error(409, str(error))
            except UsageError as error:
                return _error(400, str(error))

        return Route(f"{CLOCK_PATH}/{name}", answer, methods=["POST"])

    return [
        Route(CLOCK_PATH, show, methods=["GET"]),
        moving("advance", lambda given: clock.advance(given["duration"]), "duration"),
        moving("advance-to", lambda given: clock.advance_to(given["instant"]), "instant"),
        moving("next", lambda _: clock.next()),
        moving("run-until-idle", lambda _: clock.run_until_idle()),
    ]


_CHECKS: Final[dict[str, Callable[[Any], object]]] = {"duration": millis_of, "instant": instant_of}


def _read(body: bytes, field: str) -> Json:
    """The object that was sent, which has ``field`` (if not empty) and nothing else.

    Raises:
        UsageError: if it is something else, or the value is no good.
    """
    example = f'{{"{field}": ...}}' if field else "{}"
    try:
        given = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise UsageError(f"the body has to be a JSON object such as {example}")
    for name in given:
        if name != field:
            raise UsageError(f"{name!r} is not a field of this request: send {example}")
    if field:
        if field not in given:
            raise UsageError(f"{field} is missing: send {example}")
        _CHECKS[field](given[field])
    return given


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status)
