"""The control API: what a test in any language can do to a fake, over HTTP.

It lives under ``/_fakestash`` and is ours, not the service's. It is loaded with the first request
that it gets: most tests are in Python and never send one.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from fakestash.testing.root import Root

CONTROL_PATH: Final = "/_fakestash"
_BEGINNING: Final = f"{CONTROL_PATH}/"

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


def with_control(app: AsgiApp, fake: "Root", on_defect: Callable[[Exception], None]) -> AsgiApp:
    """The API of ``fake``, with its control API in front: time is moved by hand.

    ``on_defect`` gets what must not happen.
    """
    control: AsgiApp | None = None

    async def both(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        nonlocal control
        if not is_control(scope):
            await app(scope, receive, send)
            return
        if control is None:
            from fakestash.control.app import Control  # noqa: PLC0415 - see the top
            from fakestash.control.subject import Subject  # noqa: PLC0415 - see the top

            control = Control(Subject(fake, on_defect))
        await control(scope, receive, send)

    return both


def is_control(scope: MutableMapping[str, Any]) -> bool:
    """Whether a request is for the control API."""
    if scope["type"] != "http":
        return False
    path = str(scope["path"]).removeprefix(scope.get("root_path", "")).lower()
    return path.startswith(_BEGINNING) or path == CONTROL_PATH
