"""The development server: the API on a port, deliveries over real HTTP, in one event loop.

What it prints when it is ready has the form of the vendor's own development server, whose
clients look for it: a line that ends in ``is running.``, and the settings as ``NAME=value``
lines. How it ends is ours (D123): Ctrl-C and SIGTERM alike close everything at once, tell
what was pending, and are no failure.
"""

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from ipaddress import ip_address
from typing import Final, NoReturn, TypeAlias

from fakestash.api.app import create_app
from fakestash.api.control import CLOCK_PATH, clock_routes
from fakestash.api.guard import Guard
from fakestash.clock import SystemClock, VirtualClock, machine_seconds
from fakestash.decisions import D98_REGION
from fakestash.delivery.courier import Courier
from fakestash.delivery.http import HttpDestination
from fakestash.delivery.router import ANY_ORIGIN, Router
from fakestash.drive.manual import ManualDriver
from fakestash.drive.realtime import RealTimeDriver
from fakestash.drive.remote import STANDS_STILL, RemoteHand, clock_state
from fakestash.engine import Engine
from fakestash.errors import UsageError
from fakestash.ids import Ids
from fakestash.model.messages import IN_FLIGHT, MessageState
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS
from fakestash.server import listening, serving
from fakestash.syntax.moments import duration_text
from fakestash.wire.callback_body import callback_body

Say: TypeAlias = Callable[[str], None]
"""Prints a text, at once."""

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_PATIENCE_S: Final = 0.2
"""How long each step of closing may take: what does not end by then is left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run: where to listen (port 0 takes a free one), and how fast the clock goes.

    ``rate`` is a multiple of the machine's clock; ``STANDS_STILL`` has it moved by hand.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    rate: float = 1


def run(settings: Settings, say: Say, warn: Say) -> NoReturn:
    """Serve until Ctrl-C or SIGTERM, then end the process.

    Raises:
        UsageError: if the address cannot be listened on.
    """
    listener = listen(settings.host, settings.port)
    if not ip_address(listener.getsockname()[0]).is_loopback:
        warn(
            f"warning: {settings.host} can be reached from other machines, and the token is public"
        )
    # The loop is not closed and Python not taken down: both would wait for a thread that looks
    # up a name, for as long as the resolver takes.
    asyncio.new_event_loop().run_until_complete(_serve(settings, listener, say, warn))
    os._exit(0)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        UsageError: if that cannot be.
    """
    place = f"{_bracketed(host)}:{port}"
    try:
        return listening(host, port)
    except socket.gaierror as error:
        raise UsageError(f"cannot listen on {place}: {error.strerror}") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"choose another --port, address already in use: {place}") from error
        raise UsageError(f"cannot listen on {place}: {os.strerror(error.errno or 0)}") from error
    except ValueError as error:
        raise UsageError(f"cannot listen on {host!r}: that is no host") from error


def url_of(host: str, port: int) -> str:
    """Where clients on this machine find a server that listens on ``host``."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound to it here
    return f"http://{_bracketed(everywhere.get(host, host))}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


# --- what is said ------------------------------------------------------------------------


def ready_text(url: str, rate: float) -> str:
    """What a user, or a client that started the server, needs to know."""
    clock: tuple[str, ...] = ()
    if rate == STANDS_STILL:
        clock = (f"Its clock stands still until it is moved: POST {url}{CLOCK_PATH}/advance", "")
    elif rate != 1:
        clock = (f"Its clock runs {rate:g} times as fast as this machine's.", "")
    return "\n".join(
        (
            "The fakestash development server for QStash is running.",
            "",
            f"QSTASH_URL={url}",
            f"QSTASH_TOKEN={DEFAULT_USER.token}",
            f"QSTASH_CURRENT_SIGNING_KEY={DEFAULT_USER.keys.current}",
            f"QSTASH_NEXT_SIGNING_KEY={DEFAULT_USER.keys.next}",
            "",
            *clock,
            "Publish a message to an app of yours:",
            f"curl -X POST {url}/v2/publish/http://127.0.0.1:3000/ \\",
            f'  -H "Authorization: Bearer {DEFAULT_USER.token}"',
        )
    )


def farewell(engine: Engine) -> str:
    """What is left behind: messages that were pending, and dead letters."""
    pending = [message for message in engine.pending() if not message.cancel_asked]
    in_flight = sum(message.state in IN_FLIGHT for message in pending)
    dues = [message.due_at for message in pending if message.state is MessageState.PENDING]
    details: list[str] = []
    if in_flight:
        details.append(f"{in_flight} cut off in delivery")
    if dues:
        details.append(_next_due(min(dues) - engine.clock.now()))
    letters = sum(len(engine.all_dead_letters(user.id)) for user in PREDEFINED_USERS)
    verb = "message was" if len(pending) == 1 else "messages were"
    shown = f" ({', '.join(details)})" if details else ""
    return f"stopped: {len(pending)} {verb} pending{shown}, {letters} in the dead letter queue"


def _next_due(wait: int) -> str:
    """In whole seconds, rounded up, unless it is less than one. ``wait`` is ms."""
    if wait <= 0:
        return "next due now"
    second = 1000
    return f"next due in {duration_text(wait if wait < second else -(-wait // second) * second)}"


def defect_text(defect: BaseException) -> str:
    """One line about something that must not happen."""
    told = " ".join(str(defect).split())
    return f"defect in fakestash, please report it: {type(defect).__name__}: {told}"


# --- what is run -------------------------------------------------------------------------


class _System:
    """The parts of one server, put together."""

    def __init__(self, rate: float, on_defect: Callable[[BaseException], None]) -> None:
        now = int(machine_seconds() * 1000)
        stands_still = rate == STANDS_STILL
        self.http = (
            HttpDestination()
            if stands_still
            else HttpDestination(clock_runs=True, rate=rate, patience=None)
        )
        router = Router()
        router.add(ANY_ORIGIN, self.http)
        courier = Courier(router, region=D98_REGION, keep_journal=False)
        # Other ids at each start: they end up in databases that outlive the server.
        ids = Ids(seed=now)
        self._driver: RealTimeDriver | None = None
        hand: RemoteHand | None = None
        if stands_still:
            self.engine = Engine(clock=VirtualClock(now), callback_body=callback_body, ids=ids)
            hand = RemoteHand(self.engine, ManualDriver(self.engine, courier))
        else:
            clock = SystemClock(rate, now)
            self.engine = Engine(clock=clock, callback_body=callback_body, ids=ids)
            self._driver = RealTimeDriver(self.engine, clock, courier, on_defect)
        self.app = create_app(
            self.engine,
            on_defect=on_defect,
            extra_routes=clock_routes(partial(clock_state, self.engine, rate), hand),
            guard=Guard(),
        )

    async def drive(self) -> None:
        """Deliver what comes due, until this is cancelled."""
        if self._driver is not None:
            await self._driver.run()


async def _serve(settings: Settings, listener: socket.socket, say: Say, warn: Say) -> None:
    stopped = asyncio.Event()
    _on_stop_signals(stopped.set)
    system = _System(settings.rate, lambda defect: warn(defect_text(defect)))
    async with serving(system.app, listener):
        driving = asyncio.create_task(system.drive())
        say(ready_text(url_of(settings.host, listener.getsockname()[1]), settings.rate))
        # The client library takes longer to load than all the rest: nobody waits for it.
        threading.Thread(target=import_module, args=("fakestash.delivery.http.client",)).start()
        await stopped.wait()
        left = farewell(system.engine)
        driving.cancel()
    say(left)
    await asyncio.wait({driving, asyncio.create_task(system.http.aclose())}, timeout=_PATIENCE_S)


def _on_stop_signals(stop: Callable[[], None]) -> None:
    """Have ``stop`` called in the running loop at the first signal to stop.

    More of them change nothing, to the very end of the process.
    """
    loop = asyncio.get_running_loop()

    def first(*_: object) -> None:
        for number in _STOP_SIGNALS:  # SIG_IGN has Python complain about one that just came
            signal.signal(number, _ignore)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        loop.call_soon_threadsafe(stop)

    for number in _STOP_SIGNALS:
        signal.signal(number, first)


def _ignore(*_: object) -> None:
    """Do nothing."""
