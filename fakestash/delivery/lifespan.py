"""The lifespan of an ASGI app in one event loop: startup before the first delivery, shutdown.

It follows what servers do unless told otherwise (uvicorn's ``--lifespan auto``): an app that
does not speak the protocol is served without it. What servers only log is raised here: an
app that cannot start would fail every delivery, and the test should hear why.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import Context
from typing import Any, TypeAlias

from fakestash.delivery.loops import new_event
from fakestash.delivery.residents import Resident
from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class Lifespan(Resident):
    """One run of an app's lifespan.

    ``app_state`` is what the app put into the scope's ``state`` while it started; ``is_ready``
    whether it can be delivered to, ``is_over`` whether it was told to shut down.
    """

    def __init__(self, app: AsgiApp, context: Context) -> None:
        self._app = app
        self.app_state: dict[str, Any] = {}
        self.is_ready = False
        self.is_over = False
        self._startup_asked = False
        self._is_started = False
        self._startup_over = new_event()
        self._startup_failure: str | None = None
        self._shutdown_failure: str | None = None
        self._raised: BaseException | None = None
        super().__init__(context)

    async def ready(self) -> None:
        """Wait until deliveries may begin.

        Raises:
            UsageError: if the app could not start.
        """
        await self._startup_over.wait()
        if self._startup_failure is not None:
            raise UsageError(
                f"{_name(self._app)} could not start, so nothing can be delivered to it: "
                f"{self._startup_failure}"
            ) from self._raised
        self.is_ready = True

    @property
    def failure(self) -> UsageError | None:
        """What went wrong while the app shut down."""
        text = self._shutdown_failure
        if text is None:
            return None
        failure = UsageError(f"{_name(self._app)} did not shut down cleanly: {text}")
        failure.__cause__ = self._raised
        return failure

    async def live(self) -> None:
        """Run the app's lifespan from startup to shutdown."""
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.app_state,
        }
        try:
            await self._app(scope, self._receive, self._send)
        except Exception as error:  # noqa: BLE001 - raised where the test will hear it
            self._raised = error
            if self._is_started and self._shutdown_failure is None:
                self._shutdown_failure = f"its lifespan raised {error!r}"
        except BaseException as error:
            self._raised = error
            if not self._is_started and self._startup_failure is None:
                self._startup_failure = f"its lifespan was cut off by {error!r}"
            self._shutdown_failure = None  # whatever it said of that is a consequence
            raise
        finally:
            self._startup_over.set()

    async def _receive(self) -> Message:
        if not self._startup_asked:
            self._startup_asked = True
            return {"type": "lifespan.startup"}
        try:
            await self._end_asked.wait()
        except asyncio.CancelledError:
            # The loop is about to end and cancels what is left in it, then lets it finish. An
            # app that parks here in a task of its own has to deal with that by itself.
            task = asyncio.current_task()
            if task is None or task is not self._task:
                raise
            task.uncancel()
        self.is_ready, self.is_over = False, True
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "lifespan.startup.complete":
                self._is_started = True
                self._startup_over.set()
            case "lifespan.startup.failed":
                # Deliveries hear of it when the app has returned and what it raised is known.
                self._startup_failure = (
                    f"its lifespan sent lifespan.startup.failed: {message.get('message', '')}"
                )
                self.ask_to_end()
            case "lifespan.shutdown.failed":
                self._shutdown_failure = (
                    f"its lifespan sent lifespan.shutdown.failed: {message.get('message', '')}"
                )
            case "lifespan.shutdown.complete":
                pass
            case other:
                raise RuntimeError(f"{other!r} is no message that a lifespan can send")


def _name(app: AsgiApp) -> str:
    return f"the app {getattr(app, '__name__', type(app).__name__)}"
