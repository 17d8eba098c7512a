"""The command line. A mistake in it is one line on stderr and exit code 2.

Everything but click is imported by the command that needs it: ``fakestash --help`` does not
wait for a web server.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import IO, Final

import click

USAGE_ERROR: Final = 2
INTERRUPTED: Final = 130
"""What shells expect of a command that Ctrl-C broke off. A server that it stops ends with 0."""

_LAST_PORT: Final = 65_535
_SLOWEST: Final = 0.001
_FASTEST: Final = 1_000_000


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line ``args``, this process's own by default, and exit."""
    try:
        code = commands.main(args, prog_name="fakestash", standalone_mode=False) or 0
    except click.Abort:
        code = INTERRUPTED
    except click.ClickException as error:
        warn("fakestash: " + " ".join(error.format_message().split()))
        code = USAGE_ERROR
    sys.exit(code)


def say(text: str) -> None:
    """Print ``text`` at once, also into a pipe."""
    _print(text, sys.stdout)


def warn(text: str) -> None:
    """Print ``text`` to stderr."""
    _print(text, sys.stderr)


def _print(text: str, stream: IO[str]) -> None:
    """Print a line. That nobody reads it any more must not end a server."""
    try:
        # https://no-color.org; click itself leaves out colours where there is no terminal.
        click.echo(text, stream, color=False if os.environ.get("NO_COLOR") else None)
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _version() -> str:
    try:
        return version("fakestash")
    except PackageNotFoundError:
        return "(run from its source, not installed)"


def _port(_: click.Context, __: click.Parameter, text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_LAST_PORT)):
        port = int(text)
        if port <= _LAST_PORT:
            return port
    raise click.UsageError(f"--port must be a number from 0 to {_LAST_PORT}, got {text!r}")


def _rate(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    with suppress(ValueError):
        rate = float(text)
        if _SLOWEST <= rate <= _FASTEST:
            return rate
    raise click.UsageError(
        f"--rate must be a number from {_SLOWEST} to {_FASTEST}, such as 60, got {text!r}"
    )


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", "wants_version", is_flag=True, help="Show the version and exit.")
@click.pass_context
def commands(context: click.Context, *, wants_version: bool) -> None:
    """Upstash QStash in memory, for tests and local development."""
    if wants_version:
        say(f"fakestash {_version()}")
        context.exit()
    if context.invoked_subcommand is None:
        say(context.get_help())


@commands.command()
@click.option(
    "--port",
    default="8080",
    callback=_port,
    metavar="NUMBER",
    help="Port to listen on; 0 takes a free one.  [default: 8080]",
)
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    help="Address to listen on.  [default: 127.0.0.1]",
)
@click.option(
    "--rate",
    callback=_rate,
    metavar="NUMBER",
    help="Run the clock so many times as fast: at 60, a retry that is due in 12 seconds comes "
    "after 0.2. Time-outs shrink alike: at 60, a destination has half a second where it would "
    "have 30.  [default: 1]",
)
@click.option(
    "--manual",
    is_flag=True,
    help="Let the clock stand still until it is moved by POST requests to "
    "/_fakestash/clock/advance, /advance-to, /next or /run-until-idle.",
)
def dev(*, port: int, host: str, rate: float | None, manual: bool) -> None:
    """Serve QStash on a local port, with deliveries over real HTTP.

    Users, tokens and signing keys are those of the vendor's development server. All state is
    in memory and gone when the server stops (Ctrl-C).
    """
    if manual and rate is not None:
        raise click.UsageError("--rate and --manual exclude each other: give one of them")
    from fakestash.dev import Settings, run
    from fakestash.errors import UsageError

    mode = "manual" if manual else None
    try:
        run(Settings(host=host, port=port, mode=mode, rate=rate), say, warn)
    except UsageError as error:
        raise click.UsageError(str(error)) from error


@commands.command()
def demo() -> None:
    """Show messages being delivered, retried and given up, on a clock that is moved."""
    from fakestash.demo import Tone, story

    colours = {Tone.PLAIN: None, Tone.GOOD: "green", Tone.BAD: "red", Tone.TITLE: "cyan"}
    for line in story():
        say(click.style(line.text, fg=colours[line.tone]))
