"""Every scenario through every face, in virtual time: its story comes out to the millisecond."""

import asyncio
from collections.abc import Iterator

import pytest
from qstash import AsyncQStash, QStash

from fakestash import LiveServer
from fakestash.model.users import DEFAULT_USER
from tests.scenarios.faces.engine import EngineFace
from tests.scenarios.faces.face import CannotSayError, Face
from tests.scenarios.faces.http import HttpFace
from tests.scenarios.faces.node import node_and_project
from tests.scenarios.faces.npm import NpmFace, Worker
from tests.scenarios.faces.python import PythonFace
from tests.scenarios.shape import FACES, Scenario, Story
from tests.scenarios.told import SCENARIOS
from tests.scenarios.virtual import VirtualStage

SAID = [
    pytest.param(scenario, face, id=f"{scenario.name}-{face}")
    for scenario in SCENARIOS
    for face in FACES
    if face not in scenario.unsaid
]
UNSAID = [
    pytest.param(scenario, face, id=f"{scenario.name}-{face}")
    for scenario in SCENARIOS
    for face in scenario.unsaid
]

# The official clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def mute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the Python client from printing every log that it reads."""
    monkeypatch.setattr("qstash.log.print", lambda *_: None, raising=False)


@pytest.fixture
def stage(server: LiveServer) -> Iterator[VirtualStage]:
    stage = VirtualStage()
    server.app = stage.app
    yield stage
    server.app = None
    assert stage.defects == []


@pytest.fixture
def face(request: pytest.FixtureRequest, stage: VirtualStage, server: LiveServer) -> Face:
    match request.param:
        case "engine":
            return EngineFace(stage.engine)
        case "http":
            return HttpFace(stage.app)
        case "python":
            return PythonFace(request.getfixturevalue("client"))
        case "python-async":
            return PythonFace(request.getfixturevalue("async_client"))
        case _:
            return NpmFace(request.getfixturevalue("worker"), server.url)


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer() as server:
        yield server


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def client(server: LiveServer) -> Iterator[QStash]:
    client = QStash(DEFAULT_USER.token, base_url=server.url, retry=False)
    yield client
    client.http._client.close()  # noqa: SLF001 - it offers no other way


@pytest.fixture(scope="module")
def async_client(server: LiveServer, runner: asyncio.Runner) -> Iterator[AsyncQStash]:
    client = AsyncQStash(DEFAULT_USER.token, base_url=server.url, retry=False)
    yield client
    runner.run(client.http._client.aclose())  # noqa: SLF001


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    found = node_and_project()
    if isinstance(found, str):
        pytest.skip(found)
    worker = Worker(*found)
    yield worker
    worker.close()


def performed(scenario: Scenario, face: Face, stage: VirtualStage, runner: asyncio.Runner) -> Story:
    if face.needs_loop:
        return runner.run(stage.perform_async(scenario, face))
    return stage.perform(scenario, face)


@pytest.mark.parametrize(("scenario", "face"), SAID, indirect=["face"])
def test_a_scenario_comes_out_as_told(
    scenario: Scenario, face: Face, stage: VirtualStage, runner: asyncio.Runner
) -> None:
    assert performed(scenario, face, stage, runner) == scenario.story


@pytest.mark.parametrize(("scenario", "face"), UNSAID, indirect=["face"])
def test_what_a_face_is_said_not_to_say_it_cannot_say(
    scenario: Scenario, face: Face, stage: VirtualStage, runner: asyncio.Runner
) -> None:
    with pytest.raises(CannotSayError):
        performed(scenario, face, stage, runner)
