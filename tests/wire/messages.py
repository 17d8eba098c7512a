"""Messages for tests of what is shown of them, made without an engine."""

from typing import Final

from fakestash.engine.user_log import UserLog
from fakestash.model.logs import LogState
from fakestash.model.messages import Message, MessageState, PublishCommand
from fakestash.model.outcomes import Outcome
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.model.users import DEFAULT_USER
from fakestash.syntax import retry_delay

AT: Final = 1_767_225_600_000
"""When every message was created: 2026-01-01T00:00:00Z."""

URL: Final = "https://shop.test/hook"

PLAIN: Final = PublishCommand(URL)

FULL: Final = PublishCommand(
    "https://shop.test:8443/a%20b?c=d",
    "grün".encode(),
    "PUT",
    (("X-B", "gr\xc3\xbcn"), ("Content-Type", "text/plain"), ("X-B", "2")),
    retries=2,
    retry_delay=retry_delay.parse("1000 * (1 + retried)"),
    timeout=30_000,
    delay=5_000,
    labels=("one", "two"),
    caller_ip="203.0.113.7",
    extras=Extras(
        queue="orders",
        flow_control=FlowControl("tenant", parallelism=3, rate=10, period=60),
        callback=CallbackSettings("https://shop.test/done", headers=(("X-C", "1"), ("X-C", "2"))),
        failure_callback=CallbackSettings("https://shop.test/failed", headers=(("X-F", "3"),)),
        topic="shops",
        endpoint="first",
        schedule_id="scd_1",
    ),
)
"""A publish with every setting that can be shown, but nothing hidden."""


def a_message(
    command: PublishCommand = PLAIN,
    state: MessageState = MessageState.PENDING,
    *,
    message_id: str = "msg_1",
    logged: LogState = LogState.CREATED,
    attempts: int = 0,
    outcome: Outcome | None = None,
    dlq_id: str | None = None,
) -> Message:
    """A message in ``state``; ``logged`` is the newest line of its log."""
    not_before = AT + command.delay
    message = Message(
        message_id,
        DEFAULT_USER.id,
        command,
        AT,
        not_before,
        due_at=not_before,
        state=state,
        attempts=attempts,
        outcome=outcome,
        dlq_id=dlq_id,
    )
    UserLog().add(message, logged, AT, command.caller_ip)
    return message
