"""Plays scenes, which are JavaScript, against a fake of their own each, and tells what happened.

Ids differ from run to run of the client only in their order, and signatures in their time: what
is told has names in their place, so that a test can compare all of it.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import pytest

from fakestash import FakeQStash, Fault
from fakestash.api.faults.fault import fault_of_json
from fakestash.delivery.journal import Delivery
from fakestash.plans import PAYG
from fakestash.syntax.moments import DurationLike
from tests.builders import START

HERE: Final = Path(__file__).parent

ANSWERS: Final[Mapping[str, Any]] = {
    "https://shop.test": 200,
    "http://shop.test:8080": 200,
    "https://group.test": 200,
    "https://schedule.test": 200,
    "https://other.test:8080": 200,
    "https://broken.test": (500, {"X-Reason": "stock"}, "no tea"),
    "https://broken.test/bytes": (500, None, b"\xff"),
    "https://api.openai.com": (200, None, {"id": "answer"}),
    "https://api.anthropic.com": (200, None, {"id": "answer"}),
    "https://api.resend.com": (200, None, {"id": "answer"}),
    "https://gateway.helicone.ai": (200, None, {"id": "answer"}),
    "https://qstash.helicone.ai": (200, None, {"id": "answer"}),
    "https://llm.test": (200, None, {"id": "answer"}),
    "https://nowhere.test": Fault.DNS,
}
"""What the destinations of all scenes answer, at once."""

SETTINGS: Final[Mapping[str, dict[str, Any]]] = {
    "configuration.limits": {"plan": replace(PAYG, messages_per_day=1, calls_per_second=2)},
    "providers.ownModelElsewhere": {"llm_target": "https://llm.test/v1/chat/completions"},
    "receiving.expired": {"sign_with_virtual_time": True},
}
"""How the fakes of single scenes are set up."""

FAULTS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "configuration.faults": (
        {"kind": "dropped", "takesEffect": True, "times": 1},
        {"kind": "error", "status": 503, "text": "down", "times": 1},
        {"kind": "chat", "times": 1},
        {"kind": "burst", "times": 1},
        {"kind": "daily", "times": 1},
    )
}
"""What goes wrong with the calls of single scenes, the latest first."""

_BASE58: Final = "[1-9A-HJ-NP-Za-km-z]"
_NAMED: Final = re.compile(f"(?P<message>msg_{_BASE58}{{53}})|(?P<schedule>scd_{_BASE58}{{28}})")


class Sent(NamedTuple):
    """A delivery: ms since the start, request line, header fields in order, body."""

    at: int
    line: str
    headers: list[tuple[str, str]]
    body: str


class Play(NamedTuple):
    """What became of a scene: its calls with what they returned or raised, and the deliveries."""

    calls: list[tuple[str, Any]]
    deliveries: list[Sent]
    methods: frozenset[str]
    given: frozenset[str]
    sought: frozenset[str]


class Player:
    """The JavaScript side, which knows the scenes. Each is played once: its fake is its own."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._process: subprocess.Popen[str] | None = None
        self._plays: dict[str, Play] = {}
        inventory = self._ask("inventory")
        self.scenes: list[str] = inventory["scenes"]
        self.methods: list[str] = inventory["methods"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def play(self, scene: str) -> Play:
        """What became of ``scene``."""
        if scene not in self._plays:
            self._plays[scene] = self._played(scene)
        return self._plays[scene]

    def _played(self, scene: str) -> Play:
        with FakeQStash(**SETTINGS.get(scene, {})) as fake:
            _script(fake)
            for fault in FAULTS.get(scene, ()):
                fake.faults.add_fault(fault_of_json(fault))
            fake.serve()
            answer = self._ask({"scene": scene, "environment": fake.environment})
            while "advance" in answer:
                answer = self._ask(self._advanced(fake, answer["advance"]))
            assert "failed" not in answer, answer["failed"]
            sent = [_told(delivery) for delivery in fake.deliveries]
        return _named(answer["played"], sent)

    def _advanced(self, fake: FakeQStash, duration: DurationLike) -> list[dict[str, str]]:
        """The header fields of what is delivered in the next ``duration``."""
        try:
            return [dict(delivery.headers) for delivery in fake.advance(duration).deliveries]
        except BaseException:
            self._end()  # it waits for an answer that does not come, and has no other scene ready
            raise

    def _ask(self, question: object) -> Any:  # noqa: ANN401 - whatever JSON holds
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            self._end()
            pytest.fail("the player has ended: what it says to that is in its standard error")
        return json.loads(answer)

    def _started(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self._node, "player.mjs"],
            cwd=HERE,
            env={name: value for name, value in os.environ.items() if "STASH" not in name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None


def _script(fake: FakeQStash) -> None:
    for url, answer in ANSWERS.items():
        fake.destination(url).responds(answer)
    fake.destination("https://slow.test").responds(200, took="10s")


def _told(delivery: Delivery) -> Sent:
    """A delivery with what stands for its signature and its length, if they are well-formed."""
    headers = [
        (name, _stand_in(name, value, delivery.body))
        for name, value in delivery.headers.items_in_order
    ]
    at = int(delivery.at.timestamp() * 1000) - START
    line = f"{delivery.method} {delivery.url}"
    return Sent(at, line, headers, delivery.body.decode(errors="backslashreplace"))


def _stand_in(name: str, value: str, body: bytes) -> str:
    if name == "Upstash-Signature" and re.fullmatch(r"[\w-]+(\.[\w-]+){2}", value):
        return "signature"
    return "length" if (name, value) == ("Content-Length", str(len(body))) else value


def _named(notes: dict[str, Any], deliveries: list[Sent]) -> Play:
    """The story with each id replaced by its kind and number, in order of appearance."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}

    def name(found: re.Match[str]) -> str:
        kind = str(found.lastgroup)
        if found[0] not in names:
            counts[kind] = counts.get(kind, 0) + 1
            names[found[0]] = f"{kind}-{counts[kind]}"
        return names[found[0]]

    calls, sent = json.loads(_NAMED.sub(name, json.dumps([notes["calls"], deliveries])))
    return Play(
        [(called, outcome) for called, outcome in calls],
        [Sent(at, line, [(n, v) for n, v in headers], body) for at, line, headers, body in sent],
        *(frozenset(notes[key]) for key in ("methods", "given", "sought")),
    )
