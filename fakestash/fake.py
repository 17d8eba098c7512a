"""The fake as a Python object: engine, API, destinations and a virtual clock put together."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from fakestash.api.app import create_app
from fakestash.clock import FollowedClock, VirtualClock, machine_seconds
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
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.ids import Ids
from fakestash.model.users import DEFAULT_USER
from fakestash.plans import PLANS, Plan
from fakestash.syntax.moments import (
    InstantLike,
    datetime_of,
    instant_of,
    instant_text,
)
from fakestash.testing.assertions import Assertions
from fakestash.testing.audit import Audits
from fakestash.testing.branches import Branches
from fakestash.testing.explanation import Explanations
from fakestash.testing.forecast import Forecasts
from fakestash.testing.front import AsgiApp, Front
from fakestash.testing.hand import Hand
from fakestash.testing.moves import Moves
from fakestash.wire.callback_body import callback_body
from fakestash.wire.destinations import is_deliverable
from fakestash.wire.urls import Target

if TYPE_CHECKING:
    from fakestash.server import LiveServer
    from fakestash.transport import InProcessTransport

__tracebackhide__ = shown_where_it_was_made

DEFAULT_START: Final = "2026-01-01T00:00:00Z"
"""Where the virtual clock starts unless told otherwise: fixed, so that runs are alike."""


class FakeQStash(Moves, Audits, Assertions, Forecasts, Explanations, Hand, Branches):
    """A QStash of your own, in memory, on a clock that moves when you say so.

    Args:
        url: where its API is served, if it is; ``serve`` sets it.
        start: the clock's first instant: an aware ``datetime``, unix seconds, ISO 8601 text with
            a zone, or ``"now"``.
        seed: the same seed and the same calls give the same ids and the same history.
        region: what ``Upstash-Region`` says.
        sign_with_virtual_time: stamp signatures with the virtual clock. By default they carry
            the time that the receiving code sees, because receivers check it.
        plan: whose limits hold: ``"free"``, ``"payg"``, ``"pro"``, or a ``Plan`` of your own.
        strict_hosts: refuse destinations on loopback addresses, as the service in the cloud does.
        llm_target: the URL that stands in for ``api/llm``, which is refused without one.
        strict: raise what mounted apps and scripted functions raise in the test, at the move of
            time, which ends there. By default it counts as a 500 and is kept on the delivery.
        follow: is given each instant that the clock comes to (a ``datetime`` in UTC), before what
            is due then happens: for another clock that has to show the same.
        v1_json_deletions: have the deprecated version 1 answer deletions in JSON, as its last
            client wants it, and not with a word of text.

    Raises:
        UsageError: if ``start`` is no instant, ``seed`` no whole number, ``plan`` no plan, or
            ``llm_target`` no URL.
    """

    def __init__(
        self,
        *,
        url: str = "http://fakestash.test",
        start: InstantLike = DEFAULT_START,
        seed: int = 0,
        region: str = D98_REGION,
        sign_with_virtual_time: bool = False,
        plan: str | Plan = "payg",
        llm_target: str | None = None,
        strict_hosts: bool = False,
        v1_json_deletions: bool = D128_V1_JSON_DELETIONS,
        strict: bool = False,
        follow: Callable[[datetime], object] | None = None,
    ) -> None:
        if type(seed) is not int:
            raise UsageError(f"seed must be a whole number, got {seed!r}")
        if llm_target is not None and not is_deliverable(llm_target):
            raise UsageError(f"llm_target must be an http(s) URL, got {llm_target!r}")
        self.url = url
        self._server: LiveServer | None = None
        self._start = _first_instant(start)
        self._user = DEFAULT_USER
        self._defects: list[Exception] = []
        self._router = Router(otherwise=self._real_if_loopback)
        self._residents: list[AsgiDestination | HttpDestination] = []
        self._scripted: dict[str, ScriptedDestination] = {}
        self._letters_seen: set[str] = set()
        self._http: HttpDestination | None = None
        limits = _plan(plan)
        self._courier = Courier(
            self._router,
            region=region,
            sign_with_virtual_time=sign_with_virtual_time,
            retention=limits.log_retention * 1000,
            is_strict=strict,
        )
        clock = _clock(self._start, follow)
        self.engine = Engine(
            clock=clock,
            callback_body=callback_body,
            ids=Ids(seed),
            plan=limits,
            strict_hosts=strict_hosts,
        )
        self._driver = ManualDriver(self.engine, self._courier)
        self._new_api = partial(
            create_app, llm_target=llm_target, v1_json_deletions=v1_json_deletions
        )
        self.app = Front(self._api(), clock)

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

    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve the API over HTTP until ``close``, in a thread of its own; the url is returned.

        Raises:
            OSError: if the address cannot be listened on.
            UsageError: if this has been called before, or the fake is closed.
        """
        from fakestash.server import LiveServer  # noqa: PLC0415 - loads uvicorn

        if self._server is not None:
            raise UsageError(f"serve() was called before: use fake.url, which is {self.url}")
        if self._driver.is_closed:
            raise UsageError("serve() was called on a fake that is closed: make a new one")
        server = LiveServer(self.app, host=host, port=port)
        server.start()
        self._server = server
        self.url = self._server.url
        return self.url

    @property
    def transport(self) -> "InProcessTransport":
        """An httpx transport, for clients of either kind, that needs no socket."""
        from fakestash.transport import InProcessTransport  # noqa: PLC0415 - loads httpx

        return InProcessTransport(self.app)

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
            self._scripted[key] = ScriptedDestination(url)
        self._router.add(key, self._scripted[key])
        return self._scripted[key]

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
        return self._noting_looks(self._new_api(self.engine, on_defect=self._defects.append))

    def _real_if_loopback(self, parts: Target) -> HttpDestination | None:
        return self._real_http() if parts.is_loopback else None


def _plan(plan: str | Plan) -> Plan:
    if isinstance(plan, Plan):
        return plan
    if plan not in PLANS:
        raise UsageError(f"plan must be one of {', '.join(PLANS)}, or a Plan, got {plan!r}")
    return PLANS[plan]


def _clock(start: int, follow: Callable[[datetime], object] | None) -> VirtualClock:
    if follow is None:
        return VirtualClock(start)
    return FollowedClock(start, lambda instant: follow(datetime_of(instant)))


def _first_instant(start: InstantLike) -> int:
    if start == "now":
        return int(machine_seconds() * 1000)
    return instant_of(start, name="start")
