"""``logs``, ``explain`` and ``upcoming``: what has happened, why, and what is going to."""

from typing import TYPE_CHECKING, Final

import click

from fakestash.cli.options import calls_a_server, count, show_json
from fakestash.cli.terminal import Table, show, width

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakestash.cli.client import Json, Server

COLOURS: Final = {
    "DELIVERED": "green",
    "RETRY": "yellow",
    "CANCELED": "yellow",
    "ERROR": "red",
    "FAILED": "red",
}

_WHOLE_ID: Final = len("msg_") + 53
_ENDING: Final = 10
"""So much of a message id a terminal shows: enough to tell messages apart."""

_TIME: Final = len("2026-01-01T00:00:00.000Z")
_STATE: Final = len("DELIVERED")
"""Longer states are rare."""


@click.command()
@click.option("--message", "message_id", metavar="ID", help="Of this message only.")
@click.option("--state", metavar="STATE", help="In this state only, such as ERROR.")
@click.option("--to", "destination", metavar="URL", help="About this destination only.")
@click.option(
    "-n",
    "--count",
    default="20",
    callback=count,
    metavar="NUMBER",
    help="How many of the latest.  [default: 20]",
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens, until Ctrl-C.")
@calls_a_server
def logs(
    *,
    server: "Server",
    as_json: bool,
    message_id: str | None,
    state: str | None,
    destination: str | None,
    count: int,
    follow: bool,
) -> None:
    """Show what happened to messages, the latest last.

    With --json and --follow, each event is a line.
    """
    from fakestash.cli.log import Log, followed, whole_id

    known = None if message_id is None else whole_id(server, message_id)
    log = Log(server, {"messageId": known, "state": state, "url": destination})
    latest = log.latest(count)
    if as_json and not follow:
        show_json({"events": latest})
        return
    if not latest and not follow:
        show("there is nothing in the log")
        return
    show_events = _lines_of_json if as_json else _rows()
    show_events(latest)
    if follow:
        for events in followed(log, latest):
            show_events(events)


def _lines_of_json(events: "list[Json]") -> None:
    import json

    for event in events:
        show(json.dumps(event, ensure_ascii=False, separators=(",", ":")))


def _rows() -> "Callable[[list[Json]], None]":
    """Shows events in lines that stand below each other, with a title above the first ones."""
    is_first = True

    def show_rows(events: "list[Json]") -> None:
        nonlocal is_first
        table = Table("TIME", "STATE", "MESSAGE", "WHAT", colours=COLOURS, least=(_TIME, _STATE))
        for event in events:
            table.add(*_row(event))
        for line in table.lines(width())[0 if is_first else 1 :]:
            show(line)
        is_first = False

    return show_rows


def _row(event: "Json") -> tuple[str, str, str, str]:
    from fakestash.syntax.moments import instant_text

    what: str = event["url"]
    if "error" in event:
        what = f"{event['error']}: {what}"
    elif event["state"] == "RETRY" and "nextDeliveryTime" in event:
        what = f"next at {instant_text(event['nextDeliveryTime'])}: {what}"
    return instant_text(event["time"]), event["state"], short(event["messageId"]), what


def short(message_id: str) -> str:
    """A message id as a terminal has room for it; all of it for a pipe."""
    if width() is None or len(message_id) <= _ENDING:
        return message_id
    return f"...{message_id[-_ENDING:]}"


@click.command()
@click.argument("message_id")
@calls_a_server
def explain(*, server: "Server", as_json: bool, message_id: str) -> None:
    """Tell the life of a message.

    What happened to it and why, and what is next. The end of its id will do, as other commands
    show it.
    """
    from fakestash.cli.client import CONTROL, escaped
    from fakestash.cli.log import whole_id

    known = escaped(whole_id(server, message_id))
    found = server.ask("GET", f"{CONTROL}/messages/{known}/explain")
    if as_json:
        show_json(found)
    else:
        show(found["text"])


@click.command()
@click.option("--within", metavar="DURATION", help="How far to look ahead, such as 7d.")
@click.option("-n", "--count", callback=count, metavar="NUMBER", help="How many at most.")
@calls_a_server
def upcoming(*, server: "Server", as_json: bool, within: str | None, count: int | None) -> None:
    """Show what is due, without moving time."""
    from fakestash.cli.client import CONTROL
    from fakestash.syntax.moments import instant_text

    query = {"within": within, "count": count}
    found = server.ask("GET", f"{CONTROL}/upcoming", query=query)
    if as_json:
        show_json(found)
        return
    if not found["upcoming"]:
        show("nothing is due")
        return
    table = Table("AT", "IN", "WHAT")
    for event in found["upcoming"]:
        message_id = event.get("messageId")
        what = event["what"]
        if message_id is not None:
            what = what.replace(message_id, short(message_id))
        table.add(instant_text(event["at"]), event["in"], what)
    table.show()
