"""``clock`` and the moves: ``advance``, ``advance-to``, ``next``, ``run-until-idle``."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from fakestash.cli.events import short
from fakestash.cli.options import (
    MODES,
    calls_a_server,
    count,
    instant_given,
    rate_number,
    show_json,
)
from fakestash.cli.terminal import Progress, Table, show

if TYPE_CHECKING:
    from fakestash.cli.client import Json, Server

_MOST_SHOWN: Final = 20


@click.command()
@click.option("--mode", type=click.Choice(MODES), help="Have it go in this way from now on.")
@click.option(
    "--rate", callback=rate_number, metavar="NUMBER", help="How fast it goes in mode rate."
)
@calls_a_server
def clock(*, server: "Server", as_json: bool, mode: str | None, rate: float | None) -> None:
    """Show the time, or have it go in another way.

    real: like this machine's. rate: so many times as fast. manual: only when it is moved. auto:
    on to what is due next, as soon as all deliveries have come back.
    """
    from fakestash.cli.client import CONTROL

    if rate is not None and mode not in {None, "rate"}:
        raise click.UsageError(f"--rate goes with --mode rate, not with --mode {mode}")
    if mode is None and rate is None:
        found = server.ask("GET", f"{CONTROL}/clock")
    else:
        wanted = {"mode": mode or "rate", "rate": rate}
        given = {name: value for name, value in wanted.items() if value is not None}
        found = server.ask("POST", f"{CONTROL}/clock/mode", given)
    if as_json:
        show_json(found)
    else:
        show_clock(found)


def show_clock(clock: "Json") -> None:
    """Print what a clock shows, how it goes, and what is due."""
    from fakestash.syntax.moments import instant_text

    pace = f"{clock['rate']} times as fast" if clock["mode"] == "rate" else clock["mode"]
    show(f"{instant_text(clock['now'])}, {pace}")
    show(_due_text(clock))


def _due_text(told: "Json") -> str:
    from fakestash.syntax.moments import instant_text

    due = told["next"]
    return f"next at {instant_text(due['at'])}: {due['event']}" if due else "nothing is due"


def moves(command: Callable[..., tuple[str, "Json"]]) -> Callable[..., None]:
    """Make a command of a function that says which move it is, and with what."""

    @click.option("--all", "wants_all", is_flag=True, help="Show every delivery.")
    @calls_a_server
    def move(
        *,
        server: "Server",
        as_json: bool,
        wants_all: bool,
        limit: int | None = None,
        **given: object,
    ) -> None:
        path, body = command(**given)
        if limit is not None:
            body["limit"] = limit
        with Progress() as progress:
            report = server.move(path, body, _Teller(progress))
        if as_json:
            show_json(report)
        else:
            _show_report(report, None if wants_all else _MOST_SHOWN)

    move.__name__, move.__doc__ = command.__name__, command.__doc__
    return move


_limited: Final = click.option(
    "--limit", callback=count, metavar="NUMBER", help="Give up after so many events."
)


@click.command()
@click.argument("duration")
@_limited
@moves
def advance(*, duration: str) -> tuple[str, "Json"]:
    """Move time on by DURATION, such as 90s, 2h or 1d12h."""
    return "advance", {"duration": duration}


@click.command("advance-to")
@click.argument("instant")
@_limited
@moves
def advance_to(*, instant: str) -> tuple[str, "Json"]:
    """Move time on to INSTANT, such as 2026-01-01T00:00:00Z."""
    return "advance-to", {"instant": instant_given(instant)}


@click.command("next")
@moves
def next_event() -> tuple[str, "Json"]:
    """Move time on to what is due next, and have it happen."""
    return "next", {}


@click.command("run-until-idle")
@_limited
@moves
def run_until_idle() -> tuple[str, "Json"]:
    """Move time on until nothing is due any more."""
    return "run-until-idle", {}


class _Teller:
    """Tells how far a move has come."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._began: int | None = None

    def __call__(self, told: "Json") -> None:
        from fakestash.syntax.moments import instant_text

        now, until = told["now"], told.get("until")
        began = self._began = now if self._began is None else self._began
        part = f" ({100 * (now - began) // (until - began)} %)" if until and until > began else ""
        self._progress.tell(
            f"{instant_text(now)}{part}: {told['delivered']:,} delivered, "
            f"{told['failed']:,} failed, {told['pending']:,} pending"
        )


def _show_report(report: "Json", most: int | None) -> None:
    from fakestash.syntax.moments import instant_text

    deliveries = report["deliveries"]
    if deliveries:
        table = Table("AT", "ATTEMPT", "MESSAGE", "ANSWER", "WHAT")
        shown = deliveries if most is None else deliveries[-most:]
        for each in shown:
            answer = str(each["status"] or "-")
            what = f"{each['error']}: {each['url']}" if each["error"] else each["url"]
            at = instant_text(each["at"])
            table.add(at, str(each["retried"] + 1), short(each["messageId"]), answer, what)
        if len(shown) < len(deliveries):
            show(f"the last {len(shown)} of {len(deliveries):,} deliveries (--all shows them all):")
        table.show()
    began, ended = instant_text(report["started"]), instant_text(report["ended"])
    show(f"{began} to {ended}: {report['reason']}")
    show(f"{report['delivered']:,} delivered, {report['failed']:,} failed")
    show(_due_text(report))
