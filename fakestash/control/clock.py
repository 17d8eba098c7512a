"""Routes for time: read the clock, move it, have it pass in another way, begin again."""

from collections.abc import Callable, Mapping
from typing import Final

from fakestash.control import ways
from fakestash.control.asked import REFUSED_NOW, Answer, Asked, Endpoint, Routes, told
from fakestash.control.reading import instant, whole
from fakestash.control.schemas import (
    CLOCK,
    DURATION,
    INSTANT,
    LIMIT,
    MODE,
    RATE,
    REPORT,
    SEED,
    YES,
)
from fakestash.control.streaming import streamed, wants_stream
from fakestash.control.told import clock_json, report_reply
from fakestash.control.ways import Way
from fakestash.drive.modes import pace_of
from fakestash.drive.report import Report
from fakestash.errors import UsageError
from fakestash.syntax.moments import instant_of, instant_text
from fakestash.wire.json_values import JsonObject


async def _show(asked: Asked) -> Answer:
    return told(clock_json(asked.subject))


def _advance(asked: Asked) -> Way[Report]:
    return ways.advance(asked.fields["duration"], asked.fields.get("limit"))


def _advance_to(asked: Asked) -> Way[Report]:
    given = asked.fields["instant"]
    until, now = instant(given), asked.subject.fake.engine.clock.now()
    if instant_of(until) < now:
        raise UsageError(
            f"instant is in the past: {given!r}; the clock shows {instant_text(now)} and "
            "cannot go back"
        )
    return ways.advance_to(until, asked.fields.get("limit"))


def _next(_: Asked) -> Way[Report]:
    return ways.to_next()


def _run_until_idle(asked: Asked) -> Way[Report]:
    return ways.run_until_idle(asked.fields.get("limit"))


def _move(
    summary: str,
    way: Callable[[Asked], Way[Report]],
    fields: Mapping[str, JsonObject],
    *required: str,
) -> Endpoint:
    async def answer(asked: Asked) -> Answer:
        wanted = way(asked)
        if wants_stream(asked):
            return await streamed(asked.subject, wanted)
        subject = asked.subject
        return await report_reply(await subject.move(wanted), subject.fake.engine)

    return Endpoint(
        answer,
        summary,
        REPORT,
        fields,
        required,
        {"stream": YES},
        (REFUSED_NOW,),
        streams=True,
    )


async def _switch(asked: Asked) -> Answer:
    await asked.subject.switch(pace_of(asked.fields["mode"], asked.fields.get("rate")))
    return told(clock_json(asked.subject))


async def _reset(asked: Asked) -> Answer:
    start, seed = asked.fields.get("start"), asked.fields.get("seed")
    await asked.subject.reset(
        None if start is None else instant(start, "start"),
        None if seed is None else whole(seed, "seed"),
    )
    return told(clock_json(asked.subject))


CLOCK_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/clock"): Endpoint(
        _show, "Tell what the clock shows, how it runs, and what is due next.", CLOCK
    ),
    ("POST", "/_fakestash/clock/advance"): _move(
        "Move time on, and run what comes due on the way.",
        _advance,
        {"duration": DURATION, "limit": LIMIT},
        "duration",
    ),
    ("POST", "/_fakestash/clock/advance-to"): _move(
        "Move time on to an instant.",
        _advance_to,
        {"instant": INSTANT, "limit": LIMIT},
        "instant",
    ),
    ("POST", "/_fakestash/clock/next"): _move("Jump to the next event and run it.", _next, {}),
    ("POST", "/_fakestash/clock/run-until-idle"): _move(
        "Run events until nothing is due any more but what recurs for ever.",
        _run_until_idle,
        {"limit": LIMIT},
    ),
    ("POST", "/_fakestash/clock/mode"): Endpoint(
        _switch,
        "Have time pass in another way.",
        CLOCK,
        {"mode": MODE, "rate": RATE},
        ("mode",),
        refusals=(REFUSED_NOW,),
    ),
    ("POST", "/_fakestash/reset"): Endpoint(
        _reset,
        "Begin again, with nothing in it.",
        CLOCK,
        {"start": INSTANT, "seed": SEED},
        refusals=(REFUSED_NOW,),
    ),
}
