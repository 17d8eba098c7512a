"""Every scenario through every face, on a clock that runs by itself: these tests wait.

Many are played at a time, each by an engine, a clock and a driver of its own, put together as the
development server does it; clients reach them over one port. What happens to one message comes
out in its order, and each part of it at its offset or a little later, never earlier.

A machine that is busy with something else can come too late for a step or an event. Such a
performance says nothing, and is repeated on a slower clock.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, nullcontext
from typing import NamedTuple

import pytest
from qstash import AsyncQStash, QStash
from starlette.types import ASGIApp, Receive, Scope, Send

from fakestash.clock import PacedClock
from fakestash.drive.clockwork import Clockwork
from fakestash.model.logs import LogEntry
from fakestash.model.users import DEFAULT_USER
from fakestash.server import listening, serving
from tests.builders import START
from tests.scenarios.faces.engine import EngineFace
from tests.scenarios.faces.face import Face
from tests.scenarios.faces.http import HttpFace
from tests.scenarios.faces.node import node_and_project
from tests.scenarios.faces.npm import NpmFace, Worker
from tests.scenarios.faces.python import PythonFace
from tests.scenarios.lenient import TOLERANCE, Differences, differences
from tests.scenarios.play import Moment, Script, play
from tests.scenarios.shape import FaceName, Scenario, Story
from tests.scenarios.stage import Stage
from tests.scenarios.told import SCENARIOS

SLOWEST, FASTEST = 500, 1800
"""Rates of the clock: a minute takes 120 ms at most, and 33 ms at least."""

TARGET_S = 0.3
"""How long a performance may take before its clock goes faster."""

NOTHING = Scenario("nothing", steps=(), log="")
"""The first time that a client is used takes long: it is not to be part of a performance."""

AT_A_TIME = 10
PERFORMANCES = 8
AMONG_OTHERS = 2
"""How often a scenario is performed, as long as it comes too late; the first times among others,
later without them."""

PATIENCE_S = 2.0
"""How long to wait for what has to be in the log already."""


class RunningStage(Stage):
    """A stage whose clock runs."""

    def __init__(self, rate: float) -> None:
        self.clock = PacedClock(rate, START)
        super().__init__(self.clock)
        self.driver = Clockwork(self.engine, self.clock, self.courier, self.defects.append)
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

    async def reach(self, at: int, count: int) -> None:
        """Wait for an offset, and until so many entries are logged.

        If they do not come, the story will tell.
        """
        await asyncio.sleep(self.clock.real_seconds_until(START + at) or 0)
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


# --- the performances ------------------------------------------------------------------------

FaceOf = Callable[[RunningStage], Face]


class Show:
    """A scenario that is being performed."""

    def __init__(self, scenario: Scenario, stage: RunningStage, face: Face) -> None:
        self._scenario = scenario
        self._stage = stage
        self._face = face
        self._steps = play(scenario, START, stage.destinations.arrivals)
        self._at = 0
        self.late = 0
        self.story: Story | None = None

    async def go_on(self) -> None:
        """Wait for the next moment, if it is not the first, and do what is to be done then."""
        stage, answer = self._stage, None
        if self._at:
            await stage.reach(
                self._at, sum(line.at < self._at for line in self._scenario.story.log)
            )
        while self.story is None:
            try:
                asked = self._steps.send(answer)
            except StopIteration as end:
                self.story = end.value
                return
            match asked:
                case Script():
                    stage.destinations.follow(asked)
                    answer = None
                case Moment(at):
                    self._at = at
                    return
                case call:
                    answer = await self._face.do_async(call)
                    if self._at < self._scenario.length:
                        self.late = max(self.late, stage.clock.now() - START - self._at)


async def performed(
    scenario: Scenario, face_of: FaceOf, rate: float, opening: asyncio.Lock
) -> Show:
    """Perform a scenario. It opens when no other does: that is when most is to be done at once."""
    async with AsyncExitStack() as running:
        async with opening:
            stage = RunningStage(rate)
            await running.enter_async_context(stage.running())
            show = Show(scenario, stage, face_of(stage))
            await show.go_on()
            await stage.reach(0, sum(line.at == 0 for line in scenario.story.log))
        while show.story is None:
            await show.go_on()
    return show


class Stagehands(NamedTuple):
    """What keeps performances out of each other's way."""

    opening: asyncio.Lock
    alone: asyncio.Lock


async def judged(scenario: Scenario, face_of: FaceOf, stagehands: Stagehands) -> Differences:
    """Perform a scenario, on a slower clock each time that it was late."""
    rate = min(max(scenario.length / 1000 / TARGET_S, SLOWEST), FASTEST)
    found = Differences([], [])
    for number in range(PERFORMANCES):
        async with stagehands.alone if number >= AMONG_OTHERS else nullcontext():
            show = await performed(scenario, face_of, rate, stagehands.opening)
        assert show.story is not None
        found = differences(show.story, scenario.story)
        if not found.too_late and (not found.wrong or show.late <= TOLERANCE):
            break
        rate /= 1.5
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
    stagehands = Stagehands(asyncio.Lock(), asyncio.Lock())
    found: dict[str, Differences] = {}

    async def perform(face_of: FaceOf) -> None:
        await performed(NOTHING, face_of, SLOWEST, stagehands.opening)
        while waiting:
            scenario = waiting.pop()
            found[scenario.name] = await judged(scenario, face_of, stagehands)

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


@pytest.fixture(autouse=True)
def mute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the Python client from printing every log that it reads."""
    monkeypatch.setattr("qstash.log.print", lambda *_: None, raising=False)


def at_places(theatre: Theatre, url: str, face_at: Callable[[str], Face]) -> list[FaceOf]:
    """Faces that speak to the stage that is at their place for the time of its performance."""

    def at(place: str) -> FaceOf:
        face = face_at(f"{url}/{place}")

        def face_of(stage: RunningStage) -> Face:
            theatre.apps[place] = stage.app
            return face

        return face_of

    return [at(str(number)) for number in range(AT_A_TIME)]


@pytest.mark.asyncio
async def test_the_engine_keeps_to_all_scenarios() -> None:
    faces = [lambda stage: EngineFace(stage.engine)] * AT_A_TIME

    assert await all_judged(said_by("engine"), faces) == {}


@pytest.mark.asyncio
async def test_plain_http_keeps_to_all_scenarios() -> None:
    faces = [lambda stage: HttpFace(stage.app)] * AT_A_TIME

    assert await all_judged(said_by("http"), faces) == {}


@pytest.mark.asyncio
async def test_the_blocking_python_client_keeps_to_all_scenarios() -> None:
    async with AsyncExitStack() as clients, theatre() as (app, url):

        def face_at(address: str) -> Face:
            client = QStash(DEFAULT_USER.token, base_url=address, retry=False)
            clients.callback(client.http._client.close)  # noqa: SLF001 - it offers no other way
            return PythonFace(client)

        assert await all_judged(said_by("python"), at_places(app, url, face_at)) == {}


@pytest.mark.asyncio
async def test_the_async_python_client_keeps_to_all_scenarios() -> None:
    async with AsyncExitStack() as clients, theatre() as (app, url):

        def face_at(address: str) -> Face:
            client = AsyncQStash(DEFAULT_USER.token, base_url=address, retry=False)
            clients.push_async_callback(client.http._client.aclose)  # noqa: SLF001
            return PythonFace(client)

        assert await all_judged(said_by("python-async"), at_places(app, url, face_at)) == {}


@pytest.mark.asyncio
async def test_the_javascript_client_keeps_to_all_scenarios() -> None:
    found = node_and_project()
    if isinstance(found, str):
        pytest.skip(found)
    with closing(Worker(*found)) as worker:
        async with theatre() as (app, url):
            faces = at_places(app, url, lambda address: NpmFace(worker, address))
            assert await all_judged(said_by("npm"), faces) == {}
