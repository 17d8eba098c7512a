"""Options that several commands have, and how their values are read."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from fakestash.cli.terminal import show

if TYPE_CHECKING:
    from fakestash.cli.client import Server

Reader: TypeAlias = Callable[[click.Context, click.Parameter, Any], Any]

LAST_PORT: Final = 65_535
DEFAULT_PORT: Final = 8080
PORT_VARIABLE: Final = "QSTASH_DEV_PORT"
CONTROL_VARIABLE: Final = "FAKESTASH_CONTROL_TOKEN"

MODES: Final = ("real", "rate", "manual", "auto")

_DIGITS: Final = 20
"""More digits are no instant."""

_SLOWEST: Final = 0.001
_FASTEST: Final = 1_000_000


def port_number(text: str, name: str) -> int:
    """A port.

    Raises:
        click.UsageError: if it is none; ``name`` says what was to give one.
    """
    if text.isascii() and text.isdecimal() and len(text) <= len(str(LAST_PORT)):
        port = int(text)
        if port <= LAST_PORT:
            return port
    raise click.UsageError(f"{name} must be a number from 0 to {LAST_PORT}, got {text!r}")


def port_option(name: str, variable: str) -> Reader:
    """Reads a port from an option, or else from a variable of the environment."""

    def read(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
        if text is not None:
            return port_number(text, name)
        in_environment = os.environ.get(variable)
        return port_number(in_environment, variable) if in_environment else None

    return read


def rate_number(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """Reads how many times as fast a clock is to run."""
    if text is None:
        return None
    with suppress(ValueError):
        number = float(text)
        if _SLOWEST <= number <= _FASTEST:
            return number
    raise click.UsageError(
        f"--rate must be a number from {_SLOWEST} to {_FASTEST}, such as 60, got {text!r}"
    )


def passes_time(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how the time of a server passes.

    It gets ``mode``, ``rate``, ``start`` and ``seed``, which are None if nothing is said.
    """

    @click.option("--mode", type=click.Choice(MODES), help="How time passes.  [default: real]")
    @click.option(
        "--rate",
        callback=rate_number,
        metavar="NUMBER",
        help="Let the clock run so many times as fast: at 60, a retry that is due in 12 seconds "
        "comes after 0.2. Time-outs shrink alike: at 60, a destination has half a second where it "
        "would have 30.",
    )
    @click.option(
        "--manual",
        is_flag=True,
        help="Let the clock stand still until it is moved, by `fakestash advance` or over HTTP.",
    )
    @click.option(
        "--auto",
        is_flag=True,
        help="Let the clock jump to what is due next when every delivery has come back.",
    )
    @click.option("--start", metavar="INSTANT", help="Where the clock starts.  [default: now]")
    @click.option("--seed", type=int, metavar="NUMBER", help="What ids are made from.")
    @wraps(command)
    def with_time(
        *, mode: str | None, rate: float | None, manual: bool, auto: bool, **given: object
    ) -> None:
        asked = {"--mode": mode, "--rate": rate, "--manual": manual, "--auto": auto}
        named = [option for option, value in asked.items() if value]
        if len(named) > 1 and not (named == ["--mode", "--rate"] and mode == "rate"):
            raise click.UsageError(f"{' and '.join(named)} exclude each other: give one of them")
        if mode is None:
            mode = "manual" if manual else "auto" if auto else "rate" if rate else None
        command(mode=mode, rate=rate, **given)

    return with_time


def makes_chaos(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option that says what disturbs the deliveries of a server."""
    return click.option(
        "--chaos",
        metavar="SEED|TEXT",
        help="Deliver twice, late, or out of order: by a seed, or as said, such as "
        "'deliver #3 twice'. An app has to bear it: QStash delivers at least once.",
    )(command)


def count(_: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """Reads how many."""
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and int(text[:10]) > 0:
        return int(text[:10])
    raise click.UsageError(f"{parameter.opts[-1]} must be a whole number from 1, got {text!r}")


def instant_given(text: str) -> str | int:
    """An instant for the control API, where a number is unix ms."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else text


def local_url() -> str:
    """Where a server on this machine is found, unless it was told to listen elsewhere."""
    given = os.environ.get(PORT_VARIABLE)
    port = port_number(given, PORT_VARIABLE) if given else DEFAULT_PORT
    return f"http://127.0.0.1:{port}"


def server_at(url: str | None, token: str | None, control_token: str | None) -> "Server":
    """The server that was named by options, by the environment, or not at all."""
    from fakestash.cli.client import Server
    from fakestash.model.users import DEFAULT_USER

    return Server(
        url or os.environ.get("QSTASH_URL") or local_url(),
        token or os.environ.get("QSTASH_TOKEN") or DEFAULT_USER.token,
        control_token or os.environ.get(CONTROL_VARIABLE),
    )


def calls_a_server(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which server it calls, as whom, and how it answers.

    It gets a ``server``, which has not been called yet, and ``as_json``.
    """

    @click.option(
        "--url",
        metavar="URL",
        help=f"Where the server is.  [default: QSTASH_URL, else http://127.0.0.1:{DEFAULT_PORT}]",
    )
    @click.option(
        "--token",
        metavar="TOKEN",
        help="The user's token.  [default: QSTASH_TOKEN, else that of the default user]",
    )
    @click.option(
        "--control-token",
        metavar="TOKEN",
        help=f"The token that the server was given to guard it.  [default: {CONTROL_VARIABLE}]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
    @wraps(command)
    def with_server(
        *, url: str | None, token: str | None, control_token: str | None, **given: object
    ) -> None:
        command(server=server_at(url, token, control_token), **given)

    return with_server


def show_json(document: object) -> None:
    """Print one document."""
    import json

    show(json.dumps(document, ensure_ascii=False, indent=2))
