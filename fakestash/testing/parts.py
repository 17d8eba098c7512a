"""What the fake is put together from, as its several sides see it."""

from typing import TYPE_CHECKING

from fakestash.api.faults.active import ApiFaults
from fakestash.api.strictness import Strictness
from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.courier import Courier
from fakestash.delivery.http import HttpDestination
from fakestash.delivery.router import Router
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.drive.manual import ManualDriver
from fakestash.engine import Engine
from fakestash.engine.chaos import Plan
from fakestash.model.users import User
from fakestash.testing.front import AsgiApp, Front
from fakestash.wire.urls import Target

if TYPE_CHECKING:
    from fakestash.server import LiveServer


class Parts:
    """The parts of one fake. ``FakeQStash`` makes them; each of its sides uses what it needs."""

    engine: Engine
    """What happens to messages, when, and what is remembered of it."""

    app: Front
    """The API as an ASGI app."""

    strictness: Strictness
    """What clients asked for that the service does not have."""

    faults: ApiFaults
    """What callers of the API are to see go wrong."""

    _chaos_plan: Plan | None
    """What disturbs deliveries from the start."""

    _courier: Courier
    _defects: list[Exception]
    _http: HttpDestination | None
    _driver: ManualDriver
    _letters_seen: set[str]
    _residents: list[AsgiDestination | HttpDestination]
    _router: Router
    _seed: int
    _scripted: dict[str, ScriptedDestination]
    _server: "LiveServer | None"
    _start: int
    _user: User

    def _api(self) -> AsgiApp:
        """The API of the engine as an app, with the settings of the fake."""
        raise NotImplementedError

    def _stray(self, parts: Target) -> HttpDestination | None:
        """What serves a URL that no route is for."""
        raise NotImplementedError
