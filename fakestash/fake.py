"""The fake as a Python object, on a virtual clock that a test moves."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from fakestash.clock import FollowedClock, VirtualClock, process_millis
from fakestash.control import with_control
from fakestash.decisions import D98_REGION, D128_V1_JSON_DELETIONS
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.plans import Plan, plan_of
from fakestash.syntax.disturbances import Disturbances
from fakestash.syntax.moments import InstantLike, datetime_of, instant_of
from fakestash.testing.chaos import chaos_of
from fakestash.testing.front import AsgiApp
from fakestash.testing.root import Making, Root
from fakestash.wire.destinations import is_deliverable

__tracebackhide__ = shown_where_it_was_made

DEFAULT_START: Final = "2026-01-01T00:00:00Z"
"""Where the virtual clock starts unless told otherwise: fixed, so that runs are alike."""


class FakeQStash(Root):
    """A QStash of your own, in memory, on a clock that moves when you say so.

    Args:
        url: where its API is served, if it is; ``serve`` sets it.
        start: the clock's first instant: an aware ``datetime``, unix seconds, ISO 8601 text with
            a zone, or ``"now"``, which is what this process sees, also while it has time frozen.
        seed: the same seed and the same calls give the same ids and the same history.
        region: what ``Upstash-Region`` says.
        sign_with_virtual_time: stamp signatures with the virtual clock. By default they carry
            the time that the receiving code sees, because receivers check it.
        plan: whose limits hold: ``"free"``, ``"payg"``, ``"pro"``, or a ``Plan`` of your own.
        strict_hosts: refuse destinations on loopback addresses, as the service in the cloud does.
        llm_target: the URL that stands in for ``api/llm``, which is refused without one.
        strict: raise what mounted apps and scripted functions raise in the test, at the move of
            time, which ends there. By default it counts as a 500 and is kept on the delivery.
        strict_api: refuse unknown routes, headers and keys with a 400 that says what was probably
            meant. By default they are answered as by the service, and noted in ``strictness``.
        follow: is given each instant that the clock comes to (a ``datetime`` in UTC), before what
            is due then happens: for another clock that has to show the same.
        chaos: disturbances of deliveries, or the text of them: what exactly goes wrong.
        chaos_seed: makes disturbances instead, as time goes by; 0 makes none.
        v1_json_deletions: have the deprecated version 1 answer deletions in JSON, as its last
            client wants it, and not with a word of text.

    Raises:
        UsageError: if ``start`` is no instant, ``seed`` no whole number, ``plan`` no plan,
            ``llm_target`` no URL, or ``chaos`` and ``chaos_seed`` make no sense.
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
        strict_api: bool = False,
        follow: Callable[[datetime], object] | None = None,
        chaos: str | Disturbances = "",
        chaos_seed: int = 0,
    ) -> None:
        if type(seed) is not int:
            raise UsageError(f"seed must be a whole number, got {seed!r}")
        if llm_target is not None and not is_deliverable(llm_target):
            raise UsageError(f"llm_target must be an http(s) URL, got {llm_target!r}")
        making = Making(
            clock=_clock(_first_instant(start), follow),
            seed=seed,
            plan=plan_of(plan),
            region=region,
            sign_with_virtual_time=sign_with_virtual_time,
            strict_hosts=strict_hosts,
            strict=strict,
            strict_api=strict_api,
            llm_target=llm_target,
            v1_json_deletions=v1_json_deletions,
            chaos=chaos_of(chaos, chaos_seed),
        )
        super().__init__(making, url)

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

    def _api(self) -> AsgiApp:
        return with_control(super()._api(), self, self._defects.append)


def _clock(start: int, follow: Callable[[datetime], object] | None) -> VirtualClock:
    if follow is None:
        return VirtualClock(start)
    return FollowedClock(start, lambda instant: follow(datetime_of(instant)))


def _first_instant(start: InstantLike) -> int:
    if start == "now":
        return process_millis()
    return instant_of(start, name="start")
