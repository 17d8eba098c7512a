"""What a message was published with, in words: what is not there was not asked for."""

from collections.abc import Iterator

from fakestash.drive.report import counted
from fakestash.model.messages import PublishCommand
from fakestash.model.settings import CallbackSettings, FlowControl, Redaction
from fakestash.syntax.moments import duration_text, instant_text


def settings_lines(command: PublishCommand) -> list[str]:
    """The settings of a message, a line for each kind."""
    return [*_plain(command), *_extras(command)]


def _plain(command: PublishCommand) -> Iterator[str]:
    """How it is sent."""
    body = counted(len(command.body), "byte", "bytes") if command.body else "no body"
    names = ", ".join(name for name, _ in command.headers)
    yield f"from {command.caller_ip}, {body}{names and f', forwarded {names}'}"
    tries = [f"retries {command.retries}"]
    if command.retry_delay is not None:
        tries.append(f"retry delay {command.retry_delay.text}")
    if command.timeout is not None:
        tries.append(f"timeout {duration_text(command.timeout)}")
    if command.not_before is not None:
        tries.append(f"not before {instant_text(command.not_before)}")
    elif command.delay:
        tries.append(f"delay {duration_text(command.delay)}")
    yield ", ".join(tries)
    if command.labels:
        yield f"labels {', '.join(command.labels)}"


def _extras(command: PublishCommand) -> Iterator[str]:
    """Where it comes from, what it waits for, and who hears of it."""
    extras = command.extras
    if extras.schedule_id is not None:
        yield f"made by schedule {extras.schedule_id}"
    if extras.topic is not None:
        name = "" if extras.endpoint is None else f", endpoint {extras.endpoint}"
        yield f"fanned out to URL group {extras.topic}{name}"
    if extras.queue is not None:
        yield f"queue {extras.queue}"
    if extras.flow_control is not None:
        yield _flow_control(extras.flow_control)
    if extras.callback is not None:
        yield f"callback {_callback(extras.callback)}"
    if extras.failure_callback is not None:
        yield f"failure callback {_callback(extras.failure_callback)}"
    if extras.redaction is not None:
        yield f"redacted: {_redacted(extras.redaction)}"


def _flow_control(control: FlowControl) -> str:
    limits: list[str] = []
    if control.parallelism is not None:
        limits.append(f"parallelism {control.parallelism}")
    if control.rate is not None:
        limits.append(f"rate {control.rate} in {control.period} s")
    return f"flow control key {control.key}: {', '.join(limits)}"


def _callback(settings: CallbackSettings) -> str:
    return settings.url if settings.method == "POST" else f"{settings.method} {settings.url}"


def _redacted(redaction: Redaction) -> str:
    parts = ["body"] if redaction.body else []
    if redaction.all_headers:
        parts.append("all headers")
    elif redaction.headers:
        parts.append(f"headers {', '.join(sorted(redaction.headers))}")
    return ", ".join(parts)
