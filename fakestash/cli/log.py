"""The log of a server, read from its end and followed from there."""

from collections.abc import Iterator, Mapping
from itertools import islice
from threading import Event
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from fakestash.cli.client import Json, Server

_PAGE: Final = 1000
"""The most events of one answer."""

_PAGES_SEARCHED: Final = 20
_PAUSE_S: Final = 0.3
_LONGER_THAN_ENDINGS: Final = 40


class Log:
    """The events that a filter lets through.

    Args:
        server: whose log.
        filters: parameters of ``GET /v2/logs``; None lets everything through.
    """

    def __init__(self, server: "Server", filters: Mapping[str, str | None]) -> None:
        self._server = server
        self._filters = {**filters, "trimBody": "0"}

    def latest(self, count: int) -> "list[Json]":
        """So many events at the end, earliest first."""
        found: list[Json] = []
        for events in self.pages(count=min(count, _PAGE)):
            found += events
            if len(found) >= count:
                break
        return found[:count][::-1]

    def since(self, instant: int) -> "list[Json]":
        """All events from ``instant`` on (unix ms), earliest first."""
        pages = self.pages(order="earliestFirst", fromDate=instant, count=_PAGE)
        return [event for events in pages for event in events]

    def pages(self, **asked: object) -> "Iterator[list[Json]]":
        """Answer by answer, as they are asked for."""
        cursor = None
        while True:
            query = {**self._filters, **asked, "cursor": cursor}
            page = self._server.ask("GET", "/v2/logs", query=query)
            yield page["events"]
            cursor = page.get("cursor")
            if cursor is None:
                return


def followed(log: Log, known: "list[Json]") -> "Iterator[list[Json]]":
    """What comes after the events that are ``known``, as it comes, for ever.

    Time may stand still while a lot happens, so the events of the last instant are counted. When
    some of them are gone, the server was put back to an earlier state: all of its log is new.
    """
    pause = Event()
    last, seen = _end(log, known) if known else (0, 0)
    while True:
        found = log.since(last)
        if _number_at(last, found) < seen:
            last, seen = 0, 0
            continue
        if new := found[seen:]:
            last = new[-1]["time"]
            seen = _number_at(last, found)
            yield new
        pause.wait(_PAUSE_S)


def _end(log: Log, known: "list[Json]") -> tuple[int, int]:
    """The instant of the last event that is known, and how many there were then up to it."""
    last = known[-1]["time"]
    there = log.since(last)
    tail = known[-_number_at(last, known) :]
    ends = range(len(tail), len(there) + 1)
    return last, next((end for end in ends if there[end - len(tail) : end] == tail), 0)


def _number_at(instant: int, events: "list[Json]") -> int:
    return sum(event["time"] == instant for event in events)


def whole_id(server: "Server", text: str) -> str:
    """The message id that ends as ``text`` does, which may be one as it is shown in a terminal.

    Raises:
        click.UsageError: if several do.
    """
    ending = text.removeprefix("...")
    if len(ending) >= _LONGER_THAN_ENDINGS:
        return text
    pages = Log(server, {}).pages(count=_PAGE)
    ids = {
        event["messageId"]
        for events in islice(pages, _PAGES_SEARCHED)
        for event in events
        if event["messageId"].endswith(ending)
    }
    if len(ids) > 1:
        raise click.UsageError(
            f"{len(ids)} messages have ids that end in {ending}: give more of it"
        )
    return ids.pop() if ids else text
