"""Callbacks: messages that report what came back from another message's attempts.

A callback follows every attempt, a failure callback the last failure; where both are due the
callback goes first (D108). Each is a message of its own: outside the queue, the flow control and
the URL group of the one that it reports on (D111), with retries, log and dead letter of its own,
and without callbacks (D88, D110).
"""

from typing import Final

from fakestash.engine import admission, making
from fakestash.engine.account import Account
from fakestash.engine.notes import Sent
from fakestash.engine.world import World
from fakestash.model.messages import ENDED, Attempt, Message, PublishCommand
from fakestash.model.outcomes import HeaderItems, Outcome
from fakestash.model.queries import RowId
from fakestash.model.settings import NO_EXTRAS, CallbackSettings, Extras

_CONTENT_TYPE: Final = ("Content-Type", "application/json")


def report(  # noqa: PLR0917 - one call, in the order of the story
    world: World,
    account: Account,
    attempt: Attempt,
    outcome: Outcome,
    row: RowId | None,
    now: int,
) -> Message | None:
    """Send the callbacks that are due after an attempt; the failure callback is returned.

    ``row`` is the place of the dead letter if the message failed for good.
    """
    message = attempt.message
    extras = message.command.extras
    if extras.callback is not None:
        body = world.callback_body(message, outcome, attempt.number, None)
        callback = _send(world, account, message, extras.callback, body, now)
        account.notes.add_callback(Sent(callback, message, attempt.number, is_failure=False))
    if extras.failure_callback is None or row is None:
        return None
    body = world.callback_body(message, outcome, attempt.number, row.text)
    callback = _send(world, account, message, extras.failure_callback, body, now)
    account.notes.add_callback(Sent(callback, message, attempt.number, is_failure=True))
    return callback


def ended(world: World, account: Account, callback: Message, now: int) -> None:
    """Nothing follows of a message: if it is the last callback of another, that leaves its queue.

    So it is when it has ended, and when it is to be cancelled. Told twice, it changes nothing.
    """
    source = account.reported.pop(callback.id, None)
    if source is None:
        return
    account.open_callbacks[source.id] -= 1
    if not account.open_callbacks[source.id]:
        del account.open_callbacks[source.id]
        if source.state in ENDED:
            admission.leave_queue(world, account, source, now)


def _send(  # noqa: PLR0917
    world: World,
    account: Account,
    source: Message,
    settings: CallbackSettings,
    body: bytes,
    now: int,
) -> Message:
    command = source.command
    callback = making.make(
        world,
        account,
        PublishCommand(
            settings.url,
            body,
            settings.method,
            _headers(settings.headers),
            command.retries if settings.retries is None else settings.retries,
            settings.retry_delay,
            settings.timeout,
            labels=settings.labels,
            caller_ip=command.caller_ip,
            extras=(
                NO_EXTRAS
                if settings.flow_control is None
                else Extras(flow_control=settings.flow_control)
            ),
        ),
        now,
    )
    account.reported[callback.id] = source
    account.open_callbacks[source.id] = account.open_callbacks.get(source.id, 0) + 1
    return callback


def _headers(forwarded: HeaderItems) -> HeaderItems:
    """What is forwarded, and that the body is JSON unless that says otherwise (D109)."""
    if any(name == _CONTENT_TYPE[0] for name, _ in forwarded):
        return forwarded
    return (_CONTENT_TYPE, *forwarded)
