"""Every scenario through every face, on a clock that runs by itself: these tests wait.

Many are played at a time, each by an engine, a clock and a driver of its own, put together as the
development server does it; clients reach them over one port. What happens to one message comes
out in its order, and each part of it at its offset or a little later, never earlier.

A machine that is busy with something else can come too late for a step or an event. Such a
performance says nothing, and is repeated on a slower clock.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
from qstash import AsyncQStash, QStash
from starlette.types import ASGIApp, Receive, Scope, Send

from fakestash.clock import SystemClock
from fakestash.drive.realtime import RealTimeDriver
from fakestash.model.logs import LogEntry
from fakestash.model.users import DEFAULT_USER
from fakestash.server import listening, serving
from tests.builders import START
from tests.scenarios.faces.client import node_and_project
from tests.scenarios.faces.engine import EngineFace
from tests.scenarios.faces.face import Face
from tests.scenarios.faces.http import HttpFace
from tests.scenarios.faces.npm import NpmFace, Worker
from tests.scenarios.faces.python import PythonFace
from tests.scenarios.play import Moment, Script, play
from tests.scenarios.shape import FaceName, Scenario, Story
from tests.scenarios.stage import Stage
from tests.scenarios.told import SCENARIOS

SLOWEST, FASTEST = 600, 1800
"""Rates of the clock: a second takes 1.7 ms at most, and a minute 33 ms at least."""

TARGET_S = 0.4
"""How long a performance may take before its clock goes faster."""

TOLERANCE = 24_000
"""By how much (ms of the clock) anything may be late: less than lies between any two steps."""

AT_A_TIME = 16
PERFORMANCES = 5
PATIENCE_S = 2.0


class Performance(NamedTuple):
    """What came of a scenario, and by how much (ms of the clock) its steps were late."""

    story: Story
    late: int


class RunningStage(Stage):
    """A stage whose clock runs."""

    def __init__(self, rate: float) -> None:
        self.clock = SystemClock(rate, START)
        super().__init__(self.clock)
        self.driver = RealTimeDriver(self.engine, self.clock, self.courier, self.defects.append)
        self._log: list[LogEntry] = []
        self._news = asyncio.Event()
        self.engine.subscribe(self._note)

    def _note(self, entry: LogEntry) -> None:
        self._log.append(entry)
        self._news.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let the driver run."""
        running = asyncio.create_task(self.driver.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])
        assert self.defects == []

    async def perform(self, scenario: Scenario, face: Face) -> Performance:
        """Play a scenario."""
        steps = play(scenario, START, self.destinations.arrivals)
        answer: object = None
        at = late = 0
        while True:
            try:
                asked = steps.send(answer)
            except StopIteration as end:
                return Performance(end.value, late)
            match asked:
                case Script():
                    answer = self.destinations.follow(asked)
                case Moment(at):
                    await asyncio.sleep(self.clock.real_seconds_until(START + at))
                    await self._logged(sum(line.at < at for line in scenario.story.log))
                case call:
                    answer = await face.do_async(call)
                    if at < scenario.length:
                        late = max(late, self.clock.now() - START - at)

    async def _logged(self, count: int) -> None:
        """Wait until so many entries are logged; if they do not come, the story will tell."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while len(self._log) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass


class Theatre:
    """One port, under which each stage has a path of its own."""

    def __init__(self) -> None:
        self.apps: dict[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place, _, path = scope["path"][1:].partition("/")
        raw_path = scope["raw_path"].partition(b"/" + place.encode())[2]
        await self.apps[place]({**scope, "path": f"/{path}", "raw_path": raw_path}, receive, send)


# --- what is different -----------------------------------------------------------------------


class Differences(NamedTuple):
    """How a performance differs from what was to come of it."""

    wrong: list[str]
    too_late: list[str]


def differences(told: Story, expected: Story) -> Differences:
    """Compare message by message; offsets within the tolerance."""
    found = Differences([], [])
    _compare(found, "answers", list(told.answers), list(expected.answers))
    _compare(found, "lag", dict(told.lag), dict(expected.lag))
    for name in ("log", "deliveries", "letters"):
        _compare(
            found, name, _by_message(getattr(told, name)), _by_message(getattr(expected, name))
        )
    return found


def _by_message(rows: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows by message, in order."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row.message, []).append(row._asdict())
    return grouped


def _compare(found: Differences, where: str, told: Any, expected: Any) -> None:
    if isinstance(told, dict) and isinstance(expected, dict) and told.keys() == expected.keys():
        for key in expected:
            if key == "at":
                _compare_offsets(found, where, told[key], expected[key])
            else:
                _compare(found, f"{where} {key}", told[key], expected[key])
    elif isinstance(told, list) and isinstance(expected, list) and len(told) == len(expected):
        for number, (one, other) in enumerate(zip(told, expected, strict=True)):
            _compare(found, f"{where} {number}", one, other)
    elif told != expected:
        found.wrong.append(f"{where}: {told!r} is not {expected!r}")


def _compare_offsets(found: Differences, where: str, told: int, expected: int) -> None:
    if told < expected:
        found.wrong.append(f"{where}: at {told}, before {expected}")
    elif told > expected + TOLERANCE:
        found.too_late.append(f"{where}: at {told}, long after {expected}")


# --- the performances ------------------------------------------------------------------------

FaceOf = Callable[[RunningStage], Face]


async def performed(scenario: Scenario, face_of: FaceOf, rate: float) -> Performance:
    stage = RunningStage(rate)
    face = face_of(stage)
    async with stage.running():
        return await stage.perform(scenario, face)


async def judged(scenario: Scenario, face_of: FaceOf) -> Differences:
    """Perform a scenario, on a slower clock each time that it was late."""
    rate = min(max(scenario.length / 1000 / TARGET_S, SLOWEST), FASTEST)
    found = Differences([], [])
    for _ in range(PERFORMANCES):
        performance = await performed(scenario, face_of, rate)
        found = differences(performance.story, scenario.story)
        if not (found.too_late or performance.late > TOLERANCE):
            break
        print("again", scenario.name, rate, performance.late, found.too_late)
        rate /= 2
    return found


@asynccontextmanager
async def theatre() -> AsyncIterator[tuple[Theatre, str]]:
    """A theatre and its address."""
    app = Theatre()
    listener = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serving(app, listener):
        yield app, url


async def all_judged(
    scenarios: Sequence[Scenario], faces: Sequence[FaceOf]
) -> dict[str, Differences]:
    """Perform all scenarios, as many at a time as there are faces; those that differ."""
    waiting = list(scenarios)
    found: dict[str, Differences] = {}

    async def perform(face_of: FaceOf) -> None:
        while waiting:
            scenario = waiting.pop()
            found[scenario.name] = await judged(scenario, face_of)

    async with asyncio.TaskGroup() as group:
        for face_of in faces:
            group.create_task(perform(face_of))
    return {name: one for name, one in found.items() if one != Differences([], [])}


def said_by(face: FaceName) -> list[Scenario]:
    """What a face can say; the longest last, which is the first to be performed."""
    said = [scenario for scenario in SCENARIOS if face not in scenario.unsaid]
    return sorted(said, key=lambda scenario: scenario.length)


# The official clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.asyncio
async def test_the_engine_keeps_to_all_scenarios() -> None:
    faces = [lambda stage: EngineFace(stage.engine)] * AT_A_TIME

    assert await all_judged(said_by("engine"), faces) == {}


@pytest.mark.asyncio
async def test_plain_http_keeps_to_all_scenarios() -> None:
    faces = [lambda stage: HttpFace(stage.app)] * AT_A_TIME

    assert await all_judged(said_by("http"), faces) == {}


def reached(theatre: Theatre, place: str, face: Face) -> FaceOf:
    """A face that speaks to ``place``, where each stage is put for the time of its performance."""

    def face_of(stage: RunningStage) -> Face:
        theatre.apps[place] = stage.app
        return face

    return face_of


@pytest.mark.asyncio
async def test_the_blocking_python_client_keeps_to_all_scenarios() -> None:
    async with theatre() as (app, url):
        places = [str(number) for number in range(AT_A_TIME)]
        clients = [
            QStash(DEFAULT_USER.token, base_url=f"{url}/{place}", retry=False) for place in places
        ]
        faces = [
            reached(app, place, PythonFace(client))
            for place, client in zip(places, clients, strict=True)
        ]
        assert await all_judged(said_by("python"), faces) == {}
        for client in clients:
            client.http._client.close()  # noqa: SLF001 - it offers no other way


@pytest.mark.asyncio
async def test_the_async_python_client_keeps_to_all_scenarios() -> None:
    async with theatre() as (app, url):
        places = [str(number) for number in range(AT_A_TIME)]
        clients = [
            AsyncQStash(DEFAULT_USER.token, base_url=f"{url}/{place}", retry=False)
            for place in places
        ]
        faces = [
            reached(app, place, PythonFace(client))
            for place, client in zip(places, clients, strict=True)
        ]
        assert await all_judged(said_by("python-async"), faces) == {}
        for client in clients:
            await client.http._client.aclose()  # noqa: SLF001 - it offers no other way


@pytest.mark.asyncio
async def test_the_javascript_client_keeps_to_all_scenarios() -> None:
    found = node_and_project()
    if isinstance(found, str):
        pytest.skip(found)
    worker = Worker(*found)
    async with theatre() as (app, url):
        places = [str(number) for number in range(AT_A_TIME)]
        faces = [reached(app, place, NpmFace(worker, f"{url}/{place}")) for place in places]
        assert await all_judged(said_by("npm"), faces) == {}
    worker.close()
