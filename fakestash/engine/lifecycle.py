"""The states of a message: the one table of their changes, and the one function that makes them.

The log states beside each change are those seen in traffic of the service; that a cancel
request is honoured when the message next comes due, and that an attempt already running may
still succeed, is documented (details D106).
"""

from enum import StrEnum
from typing import Final

from fakestash.errors import InternalError
from fakestash.model.logs import LogState
from fakestash.model.messages import Message, MessageState

_S = MessageState
_L = LogState


class Action(StrEnum):
    """What can be done to a message."""

    CREATE = "create"
    COME_DUE = "come due"
    HOLD = "hold"
    ADMIT = "admit"
    SUCCEED = "succeed"
    RETRY_LATER = "retry later"
    GIVE_UP = "give up"
    LOSE_ANSWER = "lose the answer"
    REQUEST_CANCEL = "request cancel"


TRANSITIONS: Final[dict[tuple[MessageState, Action], tuple[MessageState, tuple[LogState, ...]]]] = {
    (_S.NEW, Action.CREATE): (_S.PENDING, (_L.CREATED,)),
    (_S.PENDING, Action.COME_DUE): (_S.ACTIVE, (_L.ACTIVE,)),
    (_S.PENDING, Action.HOLD): (_S.WAITING, ()),
    (_S.PENDING, Action.REQUEST_CANCEL): (_S.CANCELING, (_L.CANCEL_REQUESTED,)),
    (_S.WAITING, Action.ADMIT): (_S.ACTIVE, (_L.ACTIVE,)),
    (_S.WAITING, Action.REQUEST_CANCEL): (_S.CANCELED, (_L.CANCEL_REQUESTED, _L.CANCELED)),
    (_S.ACTIVE, Action.SUCCEED): (_S.DELIVERED, (_L.DELIVERED,)),
    (_S.ACTIVE, Action.RETRY_LATER): (_S.PENDING, (_L.ERROR, _L.RETRY)),
    (_S.ACTIVE, Action.GIVE_UP): (_S.FAILED, (_L.ERROR, _L.FAILED)),
    (_S.ACTIVE, Action.LOSE_ANSWER): (_S.PENDING, ()),
    (_S.ACTIVE, Action.REQUEST_CANCEL): (_S.CANCELING_ACTIVE, (_L.CANCEL_REQUESTED,)),
    (_S.CANCELING, Action.COME_DUE): (_S.CANCELED, (_L.CANCELED,)),
    (_S.CANCELING_ACTIVE, Action.SUCCEED): (_S.DELIVERED, (_L.DELIVERED,)),
    (_S.CANCELING_ACTIVE, Action.RETRY_LATER): (_S.CANCELING, (_L.ERROR, _L.RETRY)),
    (_S.CANCELING_ACTIVE, Action.GIVE_UP): (_S.FAILED, (_L.ERROR, _L.FAILED)),
}
"""(state, action) -> (new state, what is logged). What is not here cannot happen."""


def move(message: Message, action: Action) -> tuple[LogState, ...]:
    """Change the state of ``message``; the log states to write are returned.

    Raises:
        InternalError: if the table has no such change; the message is left as it was.
    """
    change = TRANSITIONS.get((message.state, action))
    if change is None:
        history = ", ".join(entry.state for entry in message.entries) or "nothing logged"
        raise InternalError(
            f"message {message.id} cannot {action} while it is {message.state} ({history})"
        )
    message.state, logged = change
    return logged
