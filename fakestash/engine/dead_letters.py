"""The dead letter queue of one user: messages that failed for good, in order of failure."""

from fakestash import refusals
from fakestash.decisions import D62_STATUS_WITHOUT_RESPONSE
from fakestash.engine.account import Account
from fakestash.engine.paging import page
from fakestash.model.messages import DeadLetter, Message
from fakestash.model.outcomes import Responded
from fakestash.model.queries import DeadLetterQuery, Page


def add(account: Account, message: Message, now: int) -> None:
    """Put a message there that failed at ``now`` (unix ms)."""
    last = account.last_dead_letter
    sequence = last.sequence + 1 if last is not None and last.at == now else 0
    letter = DeadLetter(f"{now}-{sequence}", now, sequence, message)
    account.last_dead_letter = letter
    account.dead_letters[letter.dlq_id] = letter
    message.dlq_id = letter.dlq_id


def get(account: Account, dlq_id: str) -> DeadLetter:
    """One dead letter.

    Raises:
        ServiceError: 404 if it is not there.
    """
    letter = account.dead_letters.get(dlq_id)
    if letter is None:
        raise refusals.dead_letter_not_found(dlq_id)
    return letter


def delete(account: Account, dlq_id: str) -> None:
    """Remove one dead letter.

    Raises:
        ServiceError: 404 if it is not there.
    """
    get(account, dlq_id)
    del account.dead_letters[dlq_id]


def read(account: Account, query: DeadLetterQuery) -> Page[DeadLetter]:
    """A page of the dead letter queue."""

    def matches(letter: DeadLetter) -> bool:
        return (
            (not query.dlq_ids or letter.dlq_id in query.dlq_ids)
            and (not query.response_statuses or response_status(letter) in query.response_statuses)
            and query.filter.matches(letter.message, letter.message.command.caller_ip)
        )

    return page(tuple(account.dead_letters.values()), query.paging, matches)


def response_status(letter: DeadLetter) -> int:
    """The status of the last answer (D62 if there was none)."""
    outcome = letter.message.outcome
    return outcome.status if isinstance(outcome, Responded) else D62_STATUS_WITHOUT_RESPONSE
