"""Everything there is, and what can be done to all of it. Its owner holds the lock."""

from collections import deque
from collections.abc import Callable

from fakestash.clock import Clock
from fakestash.engine import history
from fakestash.engine.account import Account
from fakestash.engine.capacity import Capacity
from fakestash.engine.chaos import Chaos
from fakestash.engine.lifecycle import Action, move
from fakestash.ids import Ids
from fakestash.model.logs import CLOSING, LogEntry, LogState
from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome
from fakestash.model.users import User
from fakestash.plans import Plan
from fakestash.timeline import Timeline

CallbackBody = Callable[[Message, Outcome, int, str | None], bytes]
"""Writes what a callback tells: of which message, what came back, after how many retries, and the
id of the dead letter if it is one."""


class World:
    """The data of all users, on one timeline.

    ``outbox`` holds new log entries for listeners, if there are any; ``chaos`` disturbs deliveries,
    if it is there.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        plan: Plan,
        users: tuple[User, ...],
        callback_body: CallbackBody,
        *,
        strict_hosts: bool = False,
        limits_by_host: bool = False,
        capacity: Capacity,
        chaos: Chaos | None = None,
    ) -> None:
        self.clock = clock
        self.ids = ids
        self.plan = plan
        self.callback_body = callback_body
        self.strict_hosts = strict_hosts
        self.limits_by_host = limits_by_host
        self.capacity = capacity
        self.chaos = chaos
        self.accounts = {
            user.id: Account(user, plan.global_parallelism, limits_by_host=limits_by_host)
            for user in users
        }
        self.timeline = Timeline()
        self.outbox: deque[LogEntry] = deque()
        self.is_heard = False

    def do(
        self,
        account: Account,
        message: Message,
        action: Action,
        now: int,
        *,
        caller_ip: str | None = None,
        next_delivery_at: int | None = None,
        outcome: Outcome | None = None,
        duration: int | None = None,
    ) -> None:
        """Change a message's state and write what the table says is logged.

        ``caller_ip`` is that of who asks for a cancellation.
        """
        caller, log = message.command.caller_ip, account.log
        for state in move(message, action):
            if state in CLOSING:
                log.add(message, state, now, caller, None, outcome, duration)
            elif state is LogState.CANCEL_REQUESTED:
                log.add(message, state, now, caller_ip or caller)
            else:
                log.add(message, state, now, caller, next_delivery_at)
            if self.is_heard:
                self.outbox.append(message.latest_entry)
        if len(log.instants) > account.log_checked_at:
            history.expire(account, now - self.plan.log_retention * 1000)
