"""How a scenario is played: its steps become calls, and what comes of them becomes a story.

Neither calls nor waits by itself: whoever plays sends in what each call answered. So the same
code serves blocking and awaiting faces, on clocks that are moved and clocks that run.
"""

import base64
import json
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from tests.scenarios.shape import Args, Delivered, Json, Kind, Letter, Logged, Scenario, Step, Story


class Call(NamedTuple):
    """Something to say to a face, with ids for names."""

    kind: Kind
    args: dict[str, Json]


class Script(NamedTuple):
    """What the destination at a URL answers from now on."""

    url: str
    answers: Sequence[int | Args]


class Moment(NamedTuple):
    """An instant to go to, in ms from the start."""

    at: int


class Accepted(NamedTuple):
    """A message that was made, or made ``again`` and so not made."""

    id: str
    again: bool = False


class Refused(NamedTuple):
    """What the service refused."""

    status: int
    text: str


class Arrival(NamedTuple):
    """A delivery as it came in. ``at`` is unix ms."""

    at: int
    message_id: str
    url: str
    body: bytes
    retried: int
    method: str
    headers: Mapping[str, str]


Row: TypeAlias = Mapping[str, Json]
Entries: TypeAlias = list[Accepted | list[Accepted]]
"""The messages of a batch: those of a group in a list of their own."""

Raw: TypeAlias = Any
"""What a face gives back: messages, what was refused, rows, plain values or nothing."""

Play: TypeAlias = Generator[Call | Script | Moment, Raw, Story]

_INSTANTS: Final = frozenset({"at", "last", "next", "created"})
"""Keys of what is looked at that hold unix ms."""

_OF_LETTERS: Final = frozenset({"retry_letter", "retry_letters", "delete_letter"})
_KEPT_OF_CALLBACKS: Final = ("status", "retried", "url", "method", "maxRetries")


class Names:
    """The names of messages and schedules by id. An id is named once."""

    def __init__(self) -> None:
        self._by_id: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def give(self, ids: Iterable[str], names: Iterable[str]) -> None:
        """Name what has no name yet, in order."""
        new = (one for one in dict.fromkeys(ids) if one not in self._by_id)
        self._by_id.update(zip(new, names, strict=False))

    def give_by_url(self, message_id: str, url: str) -> None:
        """Name a message that no step made, if this one has no name."""
        if message_id not in self._by_id:
            part = url.partition("?")[0].rpartition("/")[2]
            self._counts[part] = self._counts.get(part, 0) + 1
            self._by_id[message_id] = f"{part} {self._counts[part]}"

    def ids(self, names: str | Iterable[str]) -> str | list[str]:
        """The id of a name, or the ids of several."""
        by_name = {name: one for one, name in self._by_id.items()}
        return by_name[names] if isinstance(names, str) else [by_name[name] for name in names]

    def renamed(self, value: Json) -> Json:
        """``value`` with names for all ids in it."""
        if isinstance(value, str) and self._by_id:
            return re.sub(
                "|".join(map(re.escape, self._by_id)), lambda found: self._by_id[found[0]], value
            )
        if isinstance(value, Mapping):
            return {self.renamed(key): self.renamed(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.renamed(one) for one in value]
        return value


def play(scenario: Scenario, start: int, arrivals: Sequence[Arrival]) -> Play:
    """Play ``scenario`` on a clock that shows ``start`` (unix ms) at its beginning.

    ``arrivals`` are the deliveries so far. A call is answered with what the face gives back:
    ``Accepted`` messages, a ``Refused``, rows, or None.
    """
    names = Names()
    answers: list[Json] = []
    at = 0
    for step in scenario.steps:
        if step.kind == "script":
            yield Script(**step.args)
        elif step.kind == "advance":
            at += step.args["ms"]
            yield Moment(at)
        else:
            args = _resolved(step, start, names)
            if step.kind in _OF_LETTERS:
                args["of"] = _letter_ids((yield Call("letters", {})), args["of"])
            answers.append(_answer(step, (yield Call(step.kind, args)), start, names))
    rows: list[Row] = yield Call("log", {})
    letters: list[Row] = yield Call("letters", {})
    lag: dict[str, int] = {}
    for queue in scenario.lag:
        lag[queue] = (yield Call("queue", {"queue": queue}))["lag"]
    for row in rows:
        names.give_by_url(row["message"], row["url"])
        # What version 1 makes has an id besides, one for all endpoints of a topic.
        publication = row.get("publication", row["message"])
        names.give([publication], [f"publication of {names.renamed(row['message'])}"])
    renamed = names.renamed
    return Story(
        tuple(map(renamed, answers)),
        tuple(Logged(row["at"] - start, renamed(row["message"]), row["state"]) for row in rows),
        tuple(_delivered(one, start, scenario.headers, names) for one in arrivals),
        tuple(
            Letter(row["at"] - start, renamed(row["message"]), row["status"], row["body"])
            for row in letters
        ),
        lag,
    )


def _resolved(step: Step, start: int, names: Names) -> dict[str, Json]:
    """The arguments of a step, with ids for names and instants for offsets."""
    args = _dated(step.args, start)
    if "messages" in args:
        args["messages"] = [_dated(one, start) for one in args["messages"]]
    for key in ("of", "schedule"):
        if key in args:
            args[key] = names.ids(args[key])
    return args


def _dated(args: Args, start: int) -> dict[str, Json]:
    dated = dict(args)
    if "not_before" in dated:
        dated["not_before"] += start // 1000
    return dated


def _letter_ids(letters: Sequence[Row], of: str | Sequence[str]) -> str | list[str]:
    by_message = {row["message"]: row["id"] for row in letters}
    return by_message[of] if isinstance(of, str) else [by_message[one] for one in of]


def _answer(step: Step, raw: Raw, start: int, names: Names) -> Json:
    """What a step answered, still with ids."""
    if isinstance(raw, Refused):
        return f"{raw.status} {raw.text}"
    if step.kind == "schedule":
        names.give([raw], step.names)
        return [raw]
    if step.shows:
        return (
            [_shown(row, step, start) for row in raw]
            if isinstance(raw, list)
            else _shown(raw, step, start)
        )
    if isinstance(raw, list):
        names.give((one.id for one in _flat(raw)), step.names)
        return [_accepted(one) for one in raw]
    return raw


def _flat(accepted: Sequence[Accepted | list[Accepted]]) -> list[Accepted]:
    return [one for entry in accepted for one in (entry if isinstance(entry, list) else [entry])]


def _accepted(one: Accepted | list[Accepted]) -> Json:
    if isinstance(one, list):
        return [_accepted(each) for each in one]
    return f"{one.id} again" if one.again else one.id


def _shown(row: Row, step: Step, start: int) -> dict[str, Json]:
    """What a step picks of something that it looks at."""
    shown: dict[str, Json] = {}
    for path in step.shows:
        key, _, name = path.partition(".")
        value = row[key].get(name) if name else row[key]
        is_instant = key in _INSTANTS and isinstance(value, int)
        shown[path] = value - start if is_instant else value
    return shown


def _delivered(one: Arrival, start: int, headers: Iterable[str], names: Names) -> Delivered:
    return Delivered(
        one.at - start,
        names.renamed(one.message_id),
        one.url,
        names.renamed(_readable(one.body)),
        one.retried,
        one.method,
        {name: names.renamed(one.headers[name]) for name in headers if name in one.headers},
    )


def _readable(body: bytes) -> str | dict[str, Json]:
    """A body as text, or as what it tells if it is that of a callback."""
    text = body.decode()
    if '"sourceMessageId":' not in text:
        return text
    told = json.loads(text)
    return {
        "of": told["sourceMessageId"],
        **{key: told[key] for key in _KEPT_OF_CALLBACKS if key in told},
        "body": base64.b64decode(told["body"]).decode(),
        "sourceBody": base64.b64decode(told["sourceBody"]).decode(),
        **({"failed": True} if "dlqId" in told else {}),
    }
