"""``reset`` and ``snapshot``: back to nothing, or to how it was."""

from typing import TYPE_CHECKING

import click

from fakestash.cli.clock import show_clock
from fakestash.cli.options import calls_a_server, instant_given, show_json
from fakestash.cli.terminal import Table, show

if TYPE_CHECKING:
    from fakestash.cli.client import Server


@click.command()
@click.option("--start", metavar="INSTANT", help="What its clock shows then.")
@click.option("--seed", type=int, metavar="NUMBER", help="Where its ids come from.")
@calls_a_server
def reset(*, server: "Server", as_json: bool, start: str | None, seed: int | None) -> None:
    """Forget all messages, schedules, queues and whatever else."""
    from fakestash.cli.client import CONTROL

    wanted = {"start": None if start is None else instant_given(start), "seed": seed}
    given = {name: value for name, value in wanted.items() if value is not None}
    found = server.ask("POST", f"{CONTROL}/reset", given)
    if as_json:
        show_json(found)
    else:
        show_clock(found)


@click.group()
def snapshot() -> None:
    """Keep what the server knows, and go back to it."""


@snapshot.command()
@click.argument("name", required=False)
@calls_a_server
def save(*, server: "Server", as_json: bool, name: str | None) -> None:
    """Keep how everything is now, as NAME; prints the id to go back by."""
    from fakestash.cli.client import CONTROL

    given = {} if name is None else {"name": name}
    found = server.ask("POST", f"{CONTROL}/snapshots", given)
    if as_json:
        show_json(found)
    else:
        show(found["id"])


@snapshot.command("list")
@calls_a_server
def list_snapshots(*, server: "Server", as_json: bool) -> None:
    """Show what is kept."""
    from fakestash.cli.client import CONTROL
    from fakestash.syntax.moments import instant_text

    found = server.ask("GET", f"{CONTROL}/snapshots")
    if as_json:
        show_json(found)
        return
    if not found["snapshots"]:
        show("there is no snapshot")
        return
    table = Table("ID", "AT")
    for each in found["snapshots"]:
        table.add(each["id"], instant_text(each["at"]))
    table.show()


@snapshot.command()
@click.argument("snapshot_id", metavar="ID")
@calls_a_server
def restore(*, server: "Server", as_json: bool, snapshot_id: str) -> None:
    """Go back to how everything was; the time as well."""
    from fakestash.cli.client import CONTROL, escaped

    found = server.ask("POST", f"{CONTROL}/snapshots/{escaped(snapshot_id)}/restore")
    if as_json:
        show_json(found)
    else:
        show_clock(found)


@snapshot.command()
@click.argument("snapshot_id", metavar="ID")
@calls_a_server
def delete(*, server: "Server", as_json: bool, snapshot_id: str) -> None:
    """Keep it no longer."""
    from fakestash.cli.client import CONTROL, escaped

    server.ask("DELETE", f"{CONTROL}/snapshots/{escaped(snapshot_id)}")
    if as_json:
        show_json({"deleted": snapshot_id})
