"""``publish`` and ``schedule``: a message now, or again and again."""

import re
import sys
from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import click

from fakestash.cli.options import calls_a_server, show_json
from fakestash.cli.terminal import show, warn

if TYPE_CHECKING:
    from fakestash.cli.client import Json, Server

Headers: TypeAlias = dict[str, str]

_SETTINGS: Final = {
    "method": ("Upstash-Method", "METHOD", "HTTP method of the delivery.  [default: POST]"),
    "delay": ("Upstash-Delay", "DURATION", "How long to wait before it, such as 1h30m."),
    "retries": ("Upstash-Retries", "NUMBER", "How often to retry what fails.  [default: 3]"),
    "timeout": ("Upstash-Timeout", "DURATION", "How long the destination may take to answer."),
    "callback": ("Upstash-Callback", "URL", "Where to report the answer to."),
    "failure-callback": ("Upstash-Failure-Callback", "URL", "Where to report a failure to."),
    "deduplication-id": ("Upstash-Deduplication-Id", "ID", "Send one message of this id only."),
    "flow-control-key": ("Upstash-Flow-Control-Key", "KEY", "The key whose limits it is under."),
    "flow-control-value": (
        *("Upstash-Flow-Control-Value", "LIMITS"),
        "These limits, such as parallelism=2,rate=10,period=1m.",
    ),
    "label": ("Upstash-Label", "LABEL", "A label to find it by."),
}
"""The options that stand for a header of the service each."""

_OWN: Final = ("upstash-", "content-type")
"""Headers that are sent under their own names; others are for the destination."""

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def sends_a_message(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a message: it gets its ``body`` and its ``headers``."""

    @wraps(command)
    def with_message(
        *, body: str | None, body_file: str | None, header: tuple[str, ...], **given: object
    ) -> None:
        headers = {
            name: value
            for option, (name, *_) in _SETTINGS.items()
            if isinstance(value := given.pop(option.replace("-", "_")), str)
        }
        headers.update(map(_read_header, header))
        command(body=_read_body(body, body_file), headers=headers, **given)

    options = [
        click.option("-d", "--body", metavar="TEXT", help="What to send."),
        click.option("-f", "--body-file", metavar="PATH", help="A file that has it; - is stdin."),
        click.option(
            "-H",
            "--header",
            multiple=True,
            metavar="'NAME: VALUE'",
            help="A header for the destination, or for QStash if it begins with Upstash-. May be "
            "repeated.",
        ),
        *(
            click.option(f"--{option}", metavar=metavar, help=text)
            for option, (_, metavar, text) in _SETTINGS.items()
        ),
    ]
    return reduce(lambda made, option: option(made), reversed(options), with_message)


@click.command()
@click.argument("destination")
@click.option("--queue", metavar="NAME", help="Put it into this queue.")
@sends_a_message
@calls_a_server
def publish(
    *,
    server: "Server",
    as_json: bool,
    destination: str,
    queue: str | None,
    body: bytes,
    headers: Headers,
) -> None:
    """Send a message to DESTINATION.

    DESTINATION is a URL or the name of a URL group. Prints the id of the message: to a group,
    one for each of its endpoints.
    """
    from fakestash.cli.client import escaped, place_in_path

    door = "publish" if queue is None else f"enqueue/{escaped(queue)}"
    path = f"/v2/{door}/{place_in_path(destination)}"
    found: object = server.ask("POST", path, body, headers=_encoded(headers))
    if as_json:
        show_json(found)
        return
    for each in cast("list[Json]", found if isinstance(found, list) else [found]):
        # An Upstash-Cron header makes a schedule of it.
        show(each["messageId"] if "messageId" in each else each["scheduleId"])
        if each.get("deduplicated"):
            warn("a duplicate: this message was there already, no other was made")


@click.command()
@click.argument("cron")
@click.argument("destination")
@click.option("--id", "schedule_id", metavar="ID", help="Its id; replaces the schedule of this id.")
@click.option("--queue", metavar="NAME", help="Put each message into this queue.")
@sends_a_message
@calls_a_server
def schedule(
    *,
    server: "Server",
    as_json: bool,
    cron: str,
    destination: str,
    schedule_id: str | None,
    queue: str | None,
    body: bytes,
    headers: Headers,
) -> None:
    """Send a message to DESTINATION whenever CRON says.

    CRON is like '*/5 * * * *', in UTC unless it begins with a zone: 'CRON_TZ=Europe/Paris 0 9 * *
    *'. Prints the id of the schedule.
    """
    from fakestash.cli.client import place_in_path

    own = {"Upstash-Cron": cron, "Upstash-Schedule-Id": schedule_id, "Upstash-Queue-Name": queue}
    sent = {**headers, **{name: value for name, value in own.items() if value is not None}}
    path = f"/v2/schedules/{place_in_path(destination)}"
    found = server.ask("POST", path, body, headers=_encoded(sent))
    if as_json:
        show_json(found)
    else:
        show(found["scheduleId"])


def _read_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _NAME.fullmatch(name):
        raise click.UsageError(f"--header must be 'NAME: VALUE', got {text!r}")
    return (name if name.lower().startswith(_OWN) else f"Upstash-Forward-{name}"), value.strip()


def _encoded(headers: Headers) -> dict[str, bytes]:
    """Headers as they are sent; without control characters, which would make others of them."""
    for name, value in headers.items():
        if not (value.isprintable() or value.replace("\t", "").isprintable()):
            raise click.UsageError(f"{name} cannot have control characters, got {value!r}")
    return {name: value.encode() for name, value in headers.items()}


def _read_body(text: str | None, path: str | None) -> bytes:
    if text is not None and path is not None:
        raise click.UsageError("--body and --body-file exclude each other: give one of them")
    if path is None:
        return (text or "").encode()
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from None
