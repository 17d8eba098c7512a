"""The log of a user: entries in order, made when read, and removed from the start."""

from fakestash.engine.user_log import UserLog
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message, PublishCommand
from fakestash.model.outcomes import Responded

CREATED, ACTIVE, DELIVERED = LogState.CREATED, LogState.ACTIVE, LogState.DELIVERED


def a_message() -> Message:
    return Message("msg_1", "user", PublishCommand("https://shop.test"), 10, 20, 20)


def test_entries_come_back_as_they_were_added_whosever_they_are() -> None:
    log, one, other = UserLog(), a_message(), a_message()

    log.add(one, CREATED, 10, "ip", 20)
    log.add(other, CREATED, 10, "other ip", 30)
    log.add(one, ACTIVE, 20, "ip")
    log.add(one, DELIVERED, 25, "ip", None, Responded(200), 5)

    assert list(log) == [
        LogEntry(10, 0, CREATED, one, "ip", 20),
        LogEntry(10, 1, CREATED, other, "other ip", 30),
        LogEntry(20, 0, ACTIVE, one, "ip"),
        LogEntry(25, 0, DELIVERED, one, "ip", None, Responded(200), 5),
    ]
    assert (log[1:3], log[-1], len(log)) == (list(log)[1:3], list(log)[3], 4)
    assert one.entries == [log[0], log[2], log[3]]
    assert other.entries == [log[1]]


def test_the_first_entry_after_an_instant_is_found() -> None:
    log, message = UserLog(), a_message()
    for at in (10, 10, 20):
        log.add(message, ACTIVE, at, "ip")

    assert [log.first_after(at) for at in (9, 10, 19, 20)] == [0, 2, 2, 3]


def test_removing_entries_tells_of_the_messages_that_have_none_left() -> None:
    log, one, other = UserLog(), a_message(), a_message()
    log.add(one, CREATED, 10, "ip")
    log.add(other, CREATED, 10, "ip")
    log.add(one, ACTIVE, 20, "ip")
    log.add(other, ACTIVE, 30, "ip")
    left = list(log)[3:]

    assert log.remove_first(1) == []
    assert log.remove_first(2) == [one]
    assert list(log) == left
    assert log.remove_first(1) == [other]
    assert list(log) == []


def test_entries_of_one_instant_are_numbered_whatever_was_removed_before() -> None:
    log, message = UserLog(), a_message()
    log.add(message, CREATED, 10, "ip")
    log.add(message, ACTIVE, 20, "ip")
    log.remove_first(1)

    assert (log.latest_sequence(19), log.latest_sequence(20)) == (-1, 0)
    log.add(message, DELIVERED, 20, "ip")
    assert [(entry.at, entry.sequence) for entry in log] == [(20, 0), (20, 1)]
    log.remove_first(2)
    assert log.latest_sequence(20) == 1
