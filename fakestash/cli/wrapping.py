"""``exec``: a command with a server of its own."""

from typing import Final

import click

from fakestash.cli.options import makes_chaos, passes_time
from fakestash.cli.terminal import warn

_LEFT_BEHIND: Final = 90
"""As in ``fakestash.dev.wrapping``, which is not imported for a help text."""


@click.command("exec", context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
@passes_time
@makes_chaos
@click.option(
    "--audit",
    is_flag=True,
    help=f"Exit with {_LEFT_BEHIND} if COMMAND ends well but leaves messages that are not "
    "delivered, or dead letters that nobody looked at.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no summary.")
def execute(
    *,
    command: tuple[str, ...],
    mode: str | None,
    rate: float | None,
    start: str | None,
    seed: int | None,
    chaos: str | None,
    audit: bool,
    quiet: bool,
) -> None:
    """Run COMMAND with a server of its own.

    The server takes a free port and knows nothing yet. COMMAND finds it by QSTASH_URL,
    QSTASH_TOKEN, QSTASH_CURRENT_SIGNING_KEY and QSTASH_NEXT_SIGNING_KEY. Its exit code is that of
    COMMAND. Write -- in front of it: fakestash exec --manual -- pytest -q
    """
    from fakestash.dev import Settings
    from fakestash.dev.wrapping import run_with_server
    from fakestash.errors import UsageError

    settings = Settings(mode=mode, rate=rate, start=start, seed=seed, chaos=chaos)
    try:
        run_with_server(settings, command, warn, audit=audit, quiet=quiet)
    except UsageError as error:
        raise click.UsageError(str(error)) from error
