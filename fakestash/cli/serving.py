"""``dev`` and ``demo``."""

import os
from pathlib import Path
from typing import Final

import click

from fakestash.cli.options import (
    CONTROL_VARIABLE,
    DEFAULT_PORT,
    PORT_VARIABLE,
    count,
    makes_chaos,
    passes_time,
    port_option,
)
from fakestash.cli.terminal import say, show, warn

_LOG_PORT_VARIABLE: Final = "QSTASH_DEV_LOG_PORT"
_QUOTA_VARIABLE: Final = "QSTASH_DEV_QUOTA"
_QUOTAS: Final = ("free", "payg", "pro")
"""The names of ``fakestash.plans``, which is not imported for a help text."""


def _quota(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    name, value = "--quota", text
    if value is None:
        name, value = _QUOTA_VARIABLE, os.environ.get(_QUOTA_VARIABLE) or None
    if value is None or value in _QUOTAS:
        return value
    raise click.UsageError(f"{name} must be one of {', '.join(_QUOTAS)}, got {value!r}")


@click.command()
@click.option(
    "-port",
    "--port",
    callback=port_option("--port", PORT_VARIABLE),
    metavar="NUMBER",
    help=f"Port to listen on; 0 takes a free one.  [default: {PORT_VARIABLE}, else {DEFAULT_PORT}]",
)
@click.option(
    "-log-port",
    "--log-port",
    callback=port_option("--log-port", _LOG_PORT_VARIABLE),
    metavar="NUMBER",
    help="Another port, for /v2/logs and /v2/events alone.  "
    f"[default: {_LOG_PORT_VARIABLE}, else the one after --port]",
)
@click.option(
    "-quota",
    "--quota",
    callback=_quota,
    metavar="PLAN",
    help=f"Whose limits hold: free, payg or pro.  [default: {_QUOTA_VARIABLE}, else payg]",
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@passes_time
@makes_chaos
@click.option(
    "--config",
    metavar="FILE",
    help="What there is from the start (TOML).  [default: fakestash.toml, or [tool.fakestash] in "
    "pyproject.toml]",
)
@click.option("--watch", is_flag=True, help="Read that file again when it changes.")
@click.option(
    "--control-token",
    metavar="TOKEN",
    help="What those have to show who move time or control the server otherwise.  "
    f"[default: {CONTROL_VARIABLE}]",
)
@click.option(
    "--strict-api",
    is_flag=True,
    default=None,
    help="Refuse unknown routes, headers and keys with a 400 that says what was probably meant.",
)
@click.option(
    "--ca-file",
    metavar="FILE",
    help="Trust the authorities in this file (PEM) too, when delivering over https.",
)
@click.option(
    "--insecure-tls",
    multiple=True,
    metavar="HOST",
    help="Do not look at the certificate of this host. May be given more than once.",
)
@click.option(
    "--max-messages",
    callback=count,
    metavar="NUMBER",
    help="Messages that are kept of each user; beyond them the oldest that ended are forgotten, "
    "and publishes are refused if none has.  [default: 1000000]",
)
def dev(
    *,
    port: int | None,
    log_port: int | None,
    quota: str | None,
    host: str | None,
    mode: str | None,
    rate: float | None,
    start: str | None,
    seed: int | None,
    chaos: str | None,
    config: str | None,
    watch: bool,
    control_token: str | None,
    strict_api: bool | None,
    ca_file: str | None,
    insecure_tls: tuple[str, ...],
    max_messages: int | None,
) -> None:
    """Serve QStash on a local port, delivering over HTTP.

    Users, tokens and signing keys are those of the vendor's development server. All state is
    in memory and gone when the server stops (Ctrl-C).
    """
    from fakestash.dev import Settings, run
    from fakestash.errors import UsageError

    settings = Settings(
        host=host,
        port=port,
        log_port=log_port,
        mode=mode,
        rate=rate,
        start=start,
        seed=seed,
        chaos=chaos,
        quota=quota,
        config=None if config is None else Path(config),
        watch=watch,
        control_token=control_token or os.environ.get(CONTROL_VARIABLE) or None,
        strict_api=strict_api,
        ca_file=ca_file,
        insecure_tls=insecure_tls,
        max_messages=max_messages,
    )
    try:
        run(settings, say, warn)
    except UsageError as error:
        raise click.UsageError(str(error)) from error


@click.command()
def demo() -> None:
    """Show messages being delivered, retried and given up."""
    from fakestash.demo import Tone, story

    colours = {Tone.PLAIN: None, Tone.GOOD: "green", Tone.BAD: "red", Tone.TITLE: "cyan"}
    for line in story():
        show(click.style(line.text, fg=colours[line.tone]))
