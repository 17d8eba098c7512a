"""A long move of time that tells how far it has got: one JSON object a line."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from fakestash.control.asked import Asked, Json, Streamed
from fakestash.control.reading import yes
from fakestash.control.refusing import refusal_of
from fakestash.control.subject import Subject, in_event_loop
from fakestash.control.told import report_bytes
from fakestash.control.ways import Way
from fakestash.drive.report import Report
from fakestash.wire.json_values import json_bytes

NDJSON: Final = b"application/x-ndjson"
PROGRESS_EVERY_S: Final = 0.1


def wants_stream(asked: Asked) -> bool:
    """Whether the client asks for progress, by what it accepts or by ``?stream=1``."""
    by_query = asked.query.get("stream")
    return NDJSON.decode() in asked.accept if by_query is None else yes(by_query, "stream")


async def streamed(subject: Subject, way: Way[Report]) -> Streamed:
    """Move time, and tell how far it has got: in the end the report, or what went wrong.

    Raises:
        UsageError: as the move does, if that is at once.
    """
    if not in_event_loop():
        return Streamed(NDJSON, _only(await subject.move(way), subject))
    move = asyncio.ensure_future(subject.move(way))
    try:
        await asyncio.wait([move], timeout=PROGRESS_EVERY_S)
    except asyncio.CancelledError:
        move.cancel()
        raise
    if move.done():
        return Streamed(NDJSON, _only(move.result(), subject))
    return Streamed(NDJSON, _lines(move, subject))


async def _only(report: Report, subject: Subject) -> AsyncGenerator[bytes, None]:
    yield b'{"report":' + await report_bytes(report, subject.fake.engine) + b"}\n"


async def _lines(move: "asyncio.Future[Report]", subject: Subject) -> AsyncGenerator[bytes, None]:
    try:
        while not move.done():
            if (progress := _progress(subject)) is not None:
                yield json_bytes({"progress": progress}) + b"\n"
            await asyncio.wait([move], timeout=PROGRESS_EVERY_S)
        async for line in _only(move.result(), subject):
            yield line
    except Exception as error:  # noqa: BLE001 - the status of the answer is sent already
        yield refusal_of(error, subject.on_defect).body + b"\n"
    finally:
        move.cancel()


def _progress(subject: Subject) -> Json | None:
    found = subject.progress
    if found is None:
        return None
    return {
        "now": found.now,
        "delivered": found.delivered,
        "failed": found.failed,
        "pending": subject.fake.engine.open_messages,
        "until": found.until,
    }
