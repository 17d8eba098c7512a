"""A fake put together from its parts: engine, API, destinations, driver and clock.

There are two of its kind: the fake of a test, on a clock that the test moves, and a world of the
development server, on one that may run by itself.
"""

from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from fakestash.api.app import create_app
from fakestash.api.faults.active import ApiFaults
from fakestash.api.strictness import Strictness
from fakestash.clock import VirtualClock
from fakestash.decisions import D98_REGION, D128_V1_JSON_DELETIONS
from fakestash.delivery.apps import destination_for
from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.courier import Courier
from fakestash.delivery.http import HttpDestination
from fakestash.delivery.router import ANY_ORIGIN, Router, served_origin, served_place
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.drive.manual import ManualDriver
from fakestash.drive.report import counted
from fakestash.engine import Engine
from fakestash.engine.capacity import UNLIMITED, Capacity
from fakestash.engine.chaos import Chaos as EngineChaos
from fakestash.engine.chaos import Plan as ChaosPlan
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.ids import Ids
from fakestash.model.users import PREDEFINED_USERS, User
from fakestash.plans import PAYG, Plan
from fakestash.syntax.moments import instant_text
from fakestash.testing.assertions import Assertions
from fakestash.testing.audit import Audits
from fakestash.testing.beginnings import Beginnings
from fakestash.testing.branches import Branches
from fakestash.testing.chaos import Chaos
from fakestash.testing.explanation import Explanations
from fakestash.testing.forecast import Forecasts
from fakestash.testing.front import AsgiApp, Front
from fakestash.testing.hand import Hand
from fakestash.testing.moves import Moves
from fakestash.testing.probing import Probing
from fakestash.wire.callback_body import callback_body
from fakestash.wire.urls import Target

if TYPE_CHECKING:
    from fakestash.transport import InProcessTransport

__tracebackhide__ = shown_where_it_was_made


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a fake is made. The first user is the one that its own questions are about.

    ``retention`` (ms) is how long deliveries are remembered once there are many; None is as long
    as the plan has the log kept.
    """

    clock: VirtualClock
    seed: int = 0
    users: tuple[User, ...] = PREDEFINED_USERS
    plan: Plan = PAYG
    retention: int | None = None
    region: str = D98_REGION
    sign_with_virtual_time: bool = False
    strict_hosts: bool = False
    strict: bool = False
    strict_api: bool = False
    """Refuse what the service does not know, beside noting it."""
    limits_by_host: bool = False
    capacity: Capacity = UNLIMITED
    llm_target: str | None = None
    v1_json_deletions: bool = D128_V1_JSON_DELETIONS
    chaos: ChaosPlan | None = None
    """What disturbs deliveries."""
    breathe: Callable[[], Awaitable[object]] | None = None
    """Awaited by the awaiting moves every few events, for others in the event loop."""


class Root(
    Moves,
    Audits,
    Assertions,
    Forecasts,
    Explanations,
    Hand,
    Branches,
    Beginnings,
    Probing,
    Chaos,
):
    """The parts of a fake put together, and what its user does with them."""

    def __init__(self, making: Making, url: str) -> None:
        self.url = url
        self._making = making
        self._seed = making.seed
        self._server = None
        self._start = making.clock.now()
        self._chaos_plan = making.chaos
        self._user = making.users[0]
        self._defects: list[Exception] = []
        self._router = Router(otherwise=self._stray)
        self._residents: list[AsgiDestination | HttpDestination] = []
        self._scripted: dict[str, ScriptedDestination] = {}
        self._letters_seen: set[str] = set()
        self.faults = ApiFaults(making.seed)
        self._http: HttpDestination | None = None
        retention = making.plan.log_retention * 1000
        self._courier = Courier(
            self._router,
            region=making.region,
            sign_with_virtual_time=making.sign_with_virtual_time,
            retention=retention if making.retention is None else making.retention,
            is_strict=making.strict,
        )
        self.engine = Engine(
            clock=making.clock,
            callback_body=callback_body,
            ids=Ids(making.seed),
            plan=making.plan,
            users=making.users,
            strict_hosts=making.strict_hosts,
            limits_by_host=making.limits_by_host,
            capacity=making.capacity,
            chaos=None if making.chaos is None else EngineChaos(making.chaos),
        )
        self.strictness = Strictness(making.clock, is_fatal=making.strict_api)
        self._driver = ManualDriver(self.engine, self._courier, breathe=making.breathe)
        self.app = Front(self._api(), making.clock)

    # --- what the code under test needs ---------------------------------------------------

    @property
    def token(self) -> str:
        """The bearer token of the default user."""
        return self._user.token

    @property
    def current_signing_key(self) -> str:
        """The key that signatures are made with."""
        return self.engine.signing_keys(self._user.id).current

    @property
    def next_signing_key(self) -> str:
        """The key that takes over at the next rotation."""
        return self.engine.signing_keys(self._user.id).next

    @property
    def environment(self) -> dict[str, str]:
        """The variables that official clients and receivers read."""
        return {
            "QSTASH_URL": self.url,
            "QSTASH_TOKEN": self.token,
            "QSTASH_CURRENT_SIGNING_KEY": self.current_signing_key,
            "QSTASH_NEXT_SIGNING_KEY": self.next_signing_key,
        }

    @property
    def transport(self) -> "InProcessTransport":
        """An httpx transport, for clients of either kind, that needs no socket."""
        from fakestash.transport import InProcessTransport  # noqa: PLC0415 - loads httpx

        return InProcessTransport(self.app)

    @property
    def user_id(self) -> str:
        """The id of the user that questions are about."""
        return self._user.id

    def of_user(self, user_id: str) -> Self:
        """The same fake, whose questions are about another of its users: to look, not to act.

        Raises:
            UsageError: if there is no such user.
        """
        if user_id == self._user.id:
            return self
        users = {user.id: user for user in self._making.users}
        if user_id not in users:
            raise UsageError(f"there is no user {user_id!r}; there are: {', '.join(users)}")
        other = copy(self)
        other._user = users[user_id]  # noqa: SLF001 - it is one of these, too
        return other

    # --- destinations ----------------------------------------------------------------------

    def mount(self, origin: str, app: Callable[..., Any]) -> None:
        """Serve everything on ``origin`` by an ASGI or WSGI app in this process.

        Raises:
            UsageError: if ``origin`` is none, or ``app`` is neither kind.
        """
        served = served_origin(origin)
        destination = destination_for(app)
        if isinstance(destination, AsgiDestination):
            self._residents.append(destination)
        self._router.add(served, destination)

    def destination(self, url: str) -> ScriptedDestination:
        """The scripted destination for ``url``, made when first asked for; it answers 200.

        Raises:
            UsageError: if ``url`` is not an absolute http(s) URL that can be published to, or has
                a user or a fragment.
        """
        key = served_place(url)
        if key not in self._scripted:
            self._scripted[key] = ScriptedDestination(url, self._seed)
        self._router.add(key, self._scripted[key])
        return self._scripted[key]

    @property
    def destinations(self) -> tuple[ScriptedDestination, ...]:
        """The scripted destinations, in the order in which they were first asked for."""
        return tuple(self._scripted.values())

    def forget_destination(self, url: str) -> bool:
        """Take a scripted destination away; whether there was one for ``url``.

        Raises:
            UsageError: if ``url`` is none that one can be for.
        """
        key = served_place(url)
        destination = self._scripted.pop(key, None)
        if destination is None:
            return False
        if self._router.routes.get(key) is destination:
            self._router.remove(key)
        return True

    def allow_http(self, origin: str) -> None:
        """Let deliveries to ``origin``, or to any with ``"*"``, go out over real HTTP.

        Destinations on this machine's loopback addresses need no permission.

        Raises:
            UsageError: if ``origin`` is neither.
        """
        served = origin if origin == ANY_ORIGIN else served_origin(origin)
        self._router.add(served, self._real_http())

    # --- the end ---------------------------------------------------------------------------

    def __repr__(self) -> str:
        made = counted(self._courier.count, "delivery", "deliveries")
        return f"<FakeQStash at {instant_text(self.engine.clock.now())}, {made}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Shut down mounted apps and connections, and tell what went wrong unheard.

        Raises:
            UsageError: if a mounted app did not shut down cleanly.
            Exception: a defect of the fake that its API could only answer with a 500.
            ExceptionGroup: if there is more than one of these.
        """
        failures: list[Exception] = []
        for destination in self._residents:
            try:
                destination.shutdown()
            except UsageError as failure:
                failures.append(failure)
        self._driver.close()
        self._courier.close()
        if self._server is not None:
            self._server.stop()
        failures += self._defects
        self._defects.clear()
        if len(failures) > 1:
            raise ExceptionGroup("the fake could not be closed cleanly", failures)
        if failures:
            raise failures[0]

    def _real_http(self) -> HttpDestination:
        if self._http is None:
            self._http = HttpDestination()
            self._residents.append(self._http)
        return self._http

    def _api(self) -> AsgiApp:
        app = create_app(
            self.engine,
            on_defect=self._defects.append,
            strictness=self.strictness,
            faults=self.faults,
            llm_target=self._making.llm_target,
            v1_json_deletions=self._making.v1_json_deletions,
        )
        return self._noting_looks(app)

    def _stray(self, parts: Target) -> HttpDestination | None:
        return self._real_http() if parts.is_loopback else None
