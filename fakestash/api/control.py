"""Routes of the development server for its clock: read it, and move it if it stands still.

They are ours, not the service's: they live under ``/_fakestash`` and need no token. Any
content type is taken for JSON, so that a plain ``curl -d`` will do.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeAlias, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fakestash.errors import NestedMoveError, RunawayError, UsageError
from fakestash.syntax.moments import DurationLike, InstantLike

Json: TypeAlias = dict[str, Any]

CLOCK_PATH: Final = "/_fakestash/clock"

_RUNS_BY_ITSELF: Final = (
    "the clock of this server runs by itself and cannot be moved: "
    "start it with `fakestash dev --manual` to move it by hand"
)


class ClockHand(Protocol):
    """What moves the clock of a server. Each move gives a report of what happened, as JSON."""

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


def clock_routes(state: Callable[[], Json], hand: ClockHand | None) -> list[Route]:
    """The routes. ``state`` tells about the clock; ``hand`` moves it, None if nobody may."""

    async def show(_: Request) -> Response:
        return JSONResponse(state())

    def post(name: str, move: Callable[[ClockHand, Json], Awaitable[Json]], *fields: str) -> Route:
        async def answer(request: Request) -> Response:
            if hand is None:
                return _error(409, _RUNS_BY_ITSELF)
            try:
                return JSONResponse(await move(hand, _read(await request.body(), *fields)))
            except (NestedMoveError, RunawayError) as error:
                return _error(409, str(error))
            except UsageError as error:
                return _error(400, str(error))

        return Route(f"{CLOCK_PATH}/{name}", answer, methods=["POST"])

    return [
        Route(CLOCK_PATH, show, methods=["GET"]),
        post("advance", lambda hand, given: hand.advance(given["duration"]), "duration"),
        post("advance-to", lambda hand, given: hand.advance_to(given["instant"]), "instant"),
        post("next", lambda hand, _: hand.next()),
        post("run-until-idle", lambda hand, _: hand.run_until_idle()),
    ]


def _read(body: bytes, *fields: str) -> Json:
    """The object that was sent: it has these fields and nothing else.

    Raises:
        UsageError: if it is anything else. Values are for the clock to judge.
    """
    example = "{" + ", ".join(f'"{field}": ...' for field in fields) + "}"
    try:
        found: Any = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"the body is no JSON object: send {example}")
    given = cast("Json", found)
    for name, value in given.items():
        if name not in fields:
            raise UsageError(f"{name!r} ({value!r:.40}) means nothing here: send {example}")
    for field in fields:
        if field not in given:
            raise UsageError(f"{field} is missing: send {example}")
    return given


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status)
