"""``dlq``: the dead letter queue."""

from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from fakestash.cli.events import short
from fakestash.cli.options import calls_a_server, count, show_json
from fakestash.cli.terminal import Table, show, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakestash.cli.client import Json, Server

_PAGE: Final = 100
"""The most entries of one answer, and of one deletion."""


@click.group()
def dlq() -> None:
    """List what failed for good, retry it, or delete it."""


@dlq.command("list")
@click.option(
    "-n",
    "--count",
    default="100",
    callback=count,
    metavar="NUMBER",
    help="How many at most.  [default: 100]",
)
@calls_a_server
def list_letters(*, server: "Server", as_json: bool, count: int) -> None:
    """Show what is in the dead letter queue, the oldest first."""
    found = list(islice(_letters(server), count))
    if as_json:
        show_json({"messages": found})
        return
    if not found:
        show("the dead letter queue is empty")
        return
    table = Table("DLQ ID", "MESSAGE", "STATUS", "WHAT")
    for letter in found:
        table.add(*_row(letter))
    table.show()


def _row(letter: "Json") -> tuple[str, str, str, str]:
    answer = letter.get("responseBody", "")
    what = f"{letter.get('method', 'POST')} {letter['url']}" + (f": {answer}" if answer else "")
    status = str(letter["responseStatus"] or "-")
    return letter["dlqId"], short(letter["messageId"]), status, what


@dlq.command()
@click.argument("dlq_ids", nargs=-1, metavar="[DLQ_ID]...")
@click.option("--all", "wants_all", is_flag=True, help="All that there are now.")
@calls_a_server
def retry(*, server: "Server", as_json: bool, dlq_ids: tuple[str, ...], wants_all: bool) -> None:
    """Send messages again that failed for good; prints the ids of the new ones."""
    ids = _chosen(server, dlq_ids, wants_all=wants_all)
    body = {"dlqIds": ids}
    found: Json = server.ask("POST", "/v2/dlq/retry", body) if ids else {"responses": []}
    if as_json:
        show_json({"responses": found["responses"]})
        return
    for response in found["responses"]:
        show(response["messageId"])


@dlq.command()
@click.argument("dlq_ids", nargs=-1, metavar="[DLQ_ID]...")
@click.option("--all", "wants_all", is_flag=True, help="All that there are now.")
@calls_a_server
def delete(*, server: "Server", as_json: bool, dlq_ids: tuple[str, ...], wants_all: bool) -> None:
    """Delete messages that failed for good."""
    ids = _chosen(server, dlq_ids, wants_all=wants_all)
    deleted = server.ask("DELETE", "/v2/dlq", {"dlqIds": ids})["deleted"] if ids else 0
    if as_json:
        show_json({"deleted": deleted})
    else:
        show(f"{deleted} deleted")
    if missing := len(set(ids)) - deleted:
        warn(
            f"fakestash: {missing} not found: `fakestash dlq list` shows the DLQ ids that there are"
        )
        raise click.exceptions.Exit(1)


def _chosen(server: "Server", dlq_ids: tuple[str, ...], *, wants_all: bool) -> list[str]:
    """The ids that were named, or those of all that there are.

    Raises:
        click.UsageError: unless it is one or the other.
    """
    if wants_all == bool(dlq_ids):
        raise click.UsageError("name the entries by their DLQ ids, or all of them with --all")
    return [letter["dlqId"] for letter in _letters(server)] if wants_all else list(dlq_ids)


def _letters(server: "Server") -> "Iterator[Json]":
    """All dead letters, the oldest first."""
    cursor = None
    while True:
        page = server.ask("GET", "/v2/dlq", query={"cursor": cursor, "count": _PAGE})
        yield from page["messages"]
        cursor = page.get("cursor")
        if cursor is None:
            return
