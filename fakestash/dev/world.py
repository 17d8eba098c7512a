"""A world of the development server: users, clock and all that they have, apart from others."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

from fakestash.api.guard import Guard
from fakestash.clock import PacedClock, machine_seconds, steady_seconds
from fakestash.control import AsgiApp, Message, Receive, Send, is_control
from fakestash.control.app import Control
from fakestash.control.asked import REFUSED_NOW, ControlError
from fakestash.control.subject import Subject
from fakestash.control.ways import Result, Way
from fakestash.delivery.courier import Courier
from fakestash.delivery.http import PATIENCE_S, HttpDestination
from fakestash.delivery.http.trust import SYSTEM, Trust
from fakestash.dev.config.hosts import Rewrites
from fakestash.dev.config.preload import Preload
from fakestash.drive.clockwork import Clockwork
from fakestash.drive.modes import Pace
from fakestash.drive.report import Report
from fakestash.engine.capacity import CAPACITY, Capacity
from fakestash.engine.chaos import Plan as ChaosPlan
from fakestash.model.users import PREDEFINED_USERS, User
from fakestash.plans import PAYG, Plan
from fakestash.syntax.moments import InstantLike, datetime_of, instant_of
from fakestash.testing.branches import Snapshot
from fakestash.testing.root import Making, Root
from fakestash.wire.urls import Target

DEFAULT_WORLD: Final = "default"
"""The name of the world of the predefined users."""

_RUNS_BY_ITSELF: Final = (
    "the clock of this server runs by itself and cannot be moved: to move it by hand, POST "
    '{"mode": "manual"} to /_fakestash/clock/mode, or start it with `fakestash dev --manual`'
)
_MOVING: Final = (
    "time is being moved right now: have it pass in another way when that is over, or end the "
    "client that moves it"
)
_PATIENCE_S: Final = 5.0
"""How long to wait for what is in flight before a snapshot."""

_IN_FLIGHT: Final = (
    "a destination is being called and does not answer: take and restore snapshots between "
    "deliveries"
)
_TURN_S: Final = 0.005
"""After so long a move of time lets others in the event loop have their turn."""

NOTHING: Final = Preload()
NO_REWRITES: Final = Rewrites()

_READING: Final = ("GET", "HEAD", "OPTIONS")

BeforeEnd: TypeAlias = Callable[["World"], Awaitable[None]]


class WorldFake(Root):
    """A fake that delivers over real HTTP wherever no script or app answers."""

    def __init__(self, making: Making, url: str, http: HttpDestination) -> None:
        self._wide_http = http
        super().__init__(making, url)

    @property
    def courier(self) -> Courier:
        """What carries the deliveries."""
        return self._courier

    def _stray(self, parts: Target) -> HttpDestination | None:  # noqa: ARG002 - any URL will do
        return self._wide_http


class World(Subject):
    """One world. It lives in one event loop, in which ``run`` runs.

    Args:
        name: what it is called.
        url: where its server is found.
        pace: how its time passes.
        on_defect: told what broke although it must not.
        users: whose world it is; the first one is whom questions without a token are about.
        plan: whose limits hold.
        start: where its clock starts; at the machine's time if None.
        seed: what its ids are made from; other ones each time if None.
        guard: says who may control it.
        preload: what there is from the start.
        rewrites: where destinations are found, if that is elsewhere.
        trust: whose certificates are good enough over https.
        strict_api: refuse what the service does not know.
        capacity: how much is kept of each user.
        chaos: what disturbs deliveries.
        before_end: awaited before all that is in it is forgotten.
    """

    def __init__(
        self,
        *,
        name: str = DEFAULT_WORLD,
        url: str,
        pace: Pace,
        on_defect: Callable[[BaseException], None],
        users: tuple[User, ...] = PREDEFINED_USERS,
        plan: Plan = PAYG,
        start: InstantLike | None = None,
        seed: int | None = None,
        guard: Guard | None = None,
        preload: Preload = NOTHING,
        rewrites: Rewrites = NO_REWRITES,
        trust: Trust = SYSTEM,
        strict_api: bool = False,
        capacity: Capacity = CAPACITY,
        chaos: ChaosPlan | None = None,
        before_end: BeforeEnd | None = None,
    ) -> None:
        self.name = name
        self.users = users
        self._first = (start, seed)
        self.http = HttpDestination(connect_to=rewrites.connect_to, trust=trust)
        self._clock = PacedClock(pace.rate, instant_of(_or_now(start), name="start"))
        making = Making(
            clock=self._clock,
            seed=_or_new(seed),
            users=users,
            plan=plan,
            retention=0,
            strict_api=strict_api,
            limits_by_host=True,
            capacity=capacity,
            chaos=chaos,
            breathe=_Breath().take,
        )
        fake = WorldFake(making, url, self.http)
        super().__init__(fake, on_defect)
        self._clockwork = Clockwork(fake.engine, self._clock, fake.courier, on_defect, pace)
        self._retime()
        self._preload = preload
        self._before_end = before_end
        preload.into(fake)
        self.app = self._both(self.fake.app, Control(self, guard))

    async def run(self) -> None:
        """Deliver what comes due, until this is cancelled."""
        await self._clockwork.run()

    @property
    def pace(self) -> Pace:
        """How time passes."""
        return self._clockwork.pace

    async def switch(self, pace: Pace) -> None:
        """Have time pass in another way. What is in flight comes back as ever.

        Raises:
            ControlError: 409 while time is being moved.
        """
        if self._clockwork.is_held:
            raise ControlError(REFUSED_NOW, _MOVING)
        self._clockwork.switch(pace)
        self._retime()

    async def move(self, way: Way[Report]) -> Report:
        """Move time, as soon as what is in flight has come back.

        Raises:
            ControlError: 409 if it passes by itself.
            UsageError: as the move does.
        """
        if self.pace.runs:
            raise ControlError(REFUSED_NOW, _RUNS_BY_ITSELF)
        async with self._clockwork.still():
            return await self.act(way)

    async def act(self, way: Way[Result]) -> Result:
        """Do something by hand that may call destinations.

        Raises:
            UsageError: as the fake does.
        """
        return await way.awaiting(self.fake)

    async def snapshot(self) -> Snapshot:
        """Keep all there is now, as soon as what is in flight has come back.

        Raises:
            ControlError: 409 if it does not come back in time.
            UsageError: while a destination is being called by hand.
        """
        async with self._at_rest():
            return await super().snapshot()

    async def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, as soon as what is in flight has come back. Time passes on.

        Raises:
            ControlError: 409 if it does not come back in time.
            UsageError: while a destination is being called by hand.
        """
        async with self._at_rest():
            await super().restore(snapshot)

    def take_over(self, preload: Preload, rewrites: Rewrites) -> None:
        """Have what a config file says by now; what has happened stays.

        Raises:
            UsageError: if the service refuses some of it.
        """
        self.http.connect_to = rewrites.connect_to
        for url in self._preload.urls - preload.urls:
            self.fake.forget_destination(url)
        self._preload = preload
        preload.into(self.fake)

    @asynccontextmanager
    async def _at_rest(self) -> AsyncGenerator[None, None]:
        try:
            async with self._clockwork.still(patience=_PATIENCE_S):
                yield
        except TimeoutError:
            raise ControlError(REFUSED_NOW, _IN_FLIGHT) from None

    async def reset(self, start: InstantLike | None, seed: int | None) -> None:
        """Begin again. What is in flight is cut off."""
        first_start, first_seed = self._first
        begun = _or_now(first_start if start is None else start)
        instant_of(begun, name="start")
        await self.before_end()
        async with self._clockwork.still(cut_off=True):
            self.fake.reset(start=begun, seed=_or_new(first_seed if seed is None else seed))
            self.forget_own_scripts()
            self._preload.into(self.fake)

    async def before_end(self) -> None:
        """Let whoever keeps count of messages look at them, who are about to be forgotten."""
        if self._before_end is not None:
            await self._before_end(self)

    def _retime(self) -> None:
        """Have time limits of deliveries mean what they mean on the clock as it now runs."""
        pace = self.pace
        if pace.runs:
            self.http.retime(clock_runs=True, rate=pace.rate, patience=None)
        else:
            self.http.retime(clock_runs=False, patience=PATIENCE_S)

    def _both(self, service: AsgiApp, control: AsgiApp) -> AsgiApp:
        async def app(scope: Message, receive: Receive, send: Send) -> None:
            await (control if is_control(scope) else service)(scope, receive, send)
            if scope["type"] == "http" and scope["method"] not in _READING:
                self._clockwork.renew()

        return app


class _Breath:
    """Lets others in the event loop have their turn, when it is time for it."""

    def __init__(self) -> None:
        self._since = steady_seconds()

    async def take(self) -> None:
        """Wait for nothing, unless it is somebody else's turn."""
        if steady_seconds() - self._since > _TURN_S:
            await asyncio.sleep(0)
            self._since = steady_seconds()


def _or_now(start: InstantLike | None) -> InstantLike:
    """Where to start; at the machine's time if nobody says."""
    if start is None or start == "now":
        return datetime_of(int(machine_seconds() * 1000))
    return start


def _or_new(seed: int | None) -> int:
    # Other ids each time: they end up in databases that outlive the server.
    return int(machine_seconds() * 1000) if seed is None else seed
