"""The command line, a module for each group of commands.

A mistake is one line on stderr and exit code 2; what a server refuses, or that none is there, is
one line and 1. Everything but click is imported by the command that needs it:
``fakestash --help`` does not wait for a web server.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import click

from fakestash.cli import clock, environment, events, letters, publishing, serving, worlds, wrapping
from fakestash.cli.terminal import say, warn

INTERRUPTED: Final = 130
"""What shells expect of a command that Ctrl-C broke off. A server that it stops ends with 0."""

_TITLES: Final = {
    "Serve": (serving.dev, serving.demo, wrapping.execute, environment.env),
    "Send": (publishing.publish, publishing.schedule),
    "Look": (events.logs, events.explain, events.upcoming, letters.dlq),
    "Move time": (
        clock.clock,
        clock.advance,
        clock.advance_to,
        clock.next_event,
        clock.run_until_idle,
    ),
    "Start over": (worlds.reset, worlds.snapshot),
}
"""The commands in the order in which help lists them."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line ``args``, this process's own by default, and exit."""
    try:
        code = commands.main(args, prog_name="fakestash", standalone_mode=False) or 0
    except click.Abort:
        code = INTERRUPTED
    except click.ClickException as error:
        warn("fakestash: " + " ".join(_told(error).split()))
        code = error.exit_code
    sys.exit(code)


def _told(error: click.ClickException) -> str:
    """What is wrong, and where to read on if that tells nothing of what would be right."""
    text = error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    says_little = isinstance(error, click.MissingParameter | click.NoSuchOption)
    if context is not None and (says_little or text.startswith("Got unexpected extra")):
        return f"{text.removesuffix('.')} (see {context.command_path} --help)"
    return text


def _version() -> str:
    try:
        return version("fakestash")
    except PackageNotFoundError:
        return "(run from its source, not installed)"


class _Commands(click.Group):
    """The commands, which help lists by what they are for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Their names, in the order of help."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """A list under each title."""
        for title, commands_of_it in _TITLES.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(str(each.name), each.get_short_help_str(60)) for each in commands_of_it]
                )


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--version", "wants_version", is_flag=True, help="Show the version and exit.")
@click.pass_context
def commands(context: click.Context, *, wants_version: bool) -> None:
    """Upstash QStash in memory, for tests and local development."""
    if wants_version:
        say(f"fakestash {_version()}")
        context.exit()
    if context.invoked_subcommand is None:
        say(context.get_help())


for _commands in _TITLES.values():
    for _command in _commands:
        commands.add_command(_command)
