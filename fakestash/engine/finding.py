"""Finding a message or a schedule by an id that a person wrote down, whoever's it is."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from fakestash.engine.account import Account
from fakestash.engine.schedule_record import ScheduleRecord
from fakestash.engine.world import World
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.matching.arguments import check_id
from fakestash.model.messages import Message

__tracebackhide__ = shown_where_it_was_made

_MOST_NAMED: Final = 3
"""So many of the nearest ids are named."""

_MOST_COMPARED: Final = 10_000
"""So many of the latest ids are looked at for the nearest."""


def find_message(world: World, message_id: str) -> tuple[Account, Message]:
    """The message with this id, and the account that it is in.

    Raises:
        UsageError: if there is none, or it is no text; it names the nearest ids, or says what has
            this id.
    """
    check_id("message_id", message_id)
    for account in world.accounts.values():
        message = account.messages.get(message_id)
        if message is not None:
            return account, message
    named = {
        message.id: f"{message.id}: {message.command.method} {message.command.url}, {message.state}"
        for account in world.accounts.values()
        for message in account.messages.values()
    }
    is_else = "".join(_what_it_is(account, message_id) for account in world.accounts.values())
    complaint = f"no message has the id {message_id!r}{is_else}"
    raise UsageError(_with_nearest(complaint, message_id, named, "nothing was published"))


def find_schedule(world: World, schedule_id: str, user_id: str) -> tuple[Account, ScheduleRecord]:
    """The schedule with this id, and the account that it is in: of several that of ``user_id``.

    Raises:
        UsageError: if there is none; it names the nearest ids.
    """
    check_id("schedule_id", schedule_id)
    for account in (world.accounts[user_id], *world.accounts.values()):
        record = account.schedules.get(schedule_id)
        if record is not None:
            return account, record
    named = {
        record.id: f"{record.id}: {record.cron.text} to {record.destination}"
        for account in world.accounts.values()
        for record in account.schedules.values()
    }
    complaint = f"no schedule has the id {schedule_id!r}"
    raise UsageError(_with_nearest(complaint, schedule_id, named, "there are no schedules"))


def _what_it_is(account: Account, found_id: str) -> str:
    """What else has this id, if anything does."""
    letter = account.dead_letters.get(found_id)
    if letter is not None:
        return f": it is that of the dead letter of {letter.message.id}"
    if found_id in account.schedules:
        return ": it is that of a schedule"
    publication = account.publications.get(found_id)
    if publication is not None:
        ids = ", ".join(message.id for message in publication.messages)
        return f": it is that of a publication, made of {ids or 'no messages'}"
    return ""


def _with_nearest(complaint: str, wanted: str, named: dict[str, str], if_none: str) -> str:
    if not named:
        return f"{complaint}; {if_none}"
    heading = "the only one is" if len(named) == 1 else "the nearest are"
    nearest = [f"  {named[one]}" for one in _nearest(wanted, named)]
    return "\n".join([f"{complaint}; {heading}", *nearest])


def _nearest(wanted: str, ids: Iterable[str]) -> list[str]:
    """The ids that have most in common with ``wanted`` at both ends; of equals the latest."""

    def in_common(one: str) -> int:
        return _same(one, wanted) + _same(one[::-1], wanted[::-1])

    latest = list(islice(reversed(list(ids)), _MOST_COMPARED))
    return sorted(latest, key=in_common, reverse=True)[:_MOST_NAMED]


def _same(one: str, other: str) -> int:
    """How many characters are the same before the first that is not."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
