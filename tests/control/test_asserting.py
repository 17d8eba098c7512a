"""Assertions over HTTP: the arguments of Python in JSON, and the same texts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fakestash import FakeQStash
from tests.builders import START, URL
from tests.control.remote import Json, Remote

LETTER = "https://broken.test/"
LATER = "https://later.test/"


@pytest.fixture
def remote() -> Remote:
    """A message that took a retry, one that failed, one that waits, and a schedule."""
    fake = FakeQStash()
    fake.destination(URL).responds(500, 200)
    fake.destination("https://broken.test").responds(404)
    remote = Remote(fake)
    header = (("Upstash-Forward-X-Kind", "tea"), ("Upstash-Label", "first"))
    remote.publish(URL, *header, body=b'{"cups":2,"of":"tea"}')
    remote.publish(LETTER, ("Upstash-Retries", "0"))
    remote.publish(
        LATER,
        ("Upstash-Delay", "1h"),
        ("Upstash-Flow-Control-Key", "k"),
        ("Upstash-Flow-Control-Value", "rate=1"),
    )
    remote.publish(
        LATER,
        ("Upstash-Cron", "0 0 * * *"),
        ("Upstash-Schedule-Id", "daily"),
        version="v2/schedules",
    )
    remote.done("/clock/advance", {"duration": "1m"})
    return remote


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"assert": "delivered", "url": URL}, 2),
        ({"assert": "delivered", "url": URL, "times": 2, "method": "post"}, 2),
        ({"assert": "delivered", "url": URL, "json": {"cups": 2}, "attempt": 2}, 1),
        ({"assert": "delivered", "url": URL, "body": '{"cups":2,"of":"tea"}'}, 2),
        ({"assert": "delivered", "url": URL, "body": {"contains": "t"}, "attempt": {"min": 2}}, 1),
        ({"assert": "delivered", "url": URL, "headers": {"X-Kind": "tea", "X-No": None}}, 2),
        ({"assert": "delivered", "url": URL, "headers": {"X-Kind": {"startsWith": "t"}}}, 2),
        ({"assert": "delivered", "url": URL, "at": "12s"}, 1),
        ({"assert": "delivered", "url": URL, "at": START + 12_000}, 1),
        ({"assert": "delivered", "url": URL, "at": "2026-01-01T00:00:12Z"}, 1),
        ({"assert": "delivered", "url": URL, "within": "5s"}, 1),
        ({"assert": "not_delivered", "url": LATER}, 0),
        ({"assert": "not_delivered", "url": URL, "attempt": {"min": 3, "max": 9}}, 0),
        ({"assert": "retried", "url": URL, "times": 1}, 1),
        ({"assert": "dead_lettered", "url": LETTER, "status": 404, "error": "HTTP status 404"}, 1),
        ({"assert": "dead_lettered", "url": LETTER, "error": {"endsWith": "404"}, "at": "0s"}, 1),
        ({"assert": "published", "url": LATER, "delay": "1h", "flow_control_key": "k"}, 1),
        ({"assert": "published", "url": LATER, "flowControlKey": "k", "queue": None}, 1),
        ({"assert": "published", "url": URL, "label": "first"}, 1),
        ({"assert": "scheduled", "destination": LATER, "cron": "0 0 * * *", "is_paused": False}, 1),
        ({"assert": "scheduled", "url": LATER, "scheduleId": "daily", "nextAt": "1d"}, 1),
        ({"assert": "nothing_pending", "url": URL}, 0),
        ({"assert": "upcoming", "url": LATER, "within": "1h"}, 1),
        ({"assert": "upcoming", "within": "1d", "kind": "firing", "times": 1}, 1),
        ({"assert": "upcoming", "url": URL, "times": 0}, 0),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_so_is_confirmed_with_what_was_found(
    remote: Remote, body: Json, count: int
) -> None:
    found = remote.done("/assert", body)

    assert (found["ok"], found["count"], len(found["found"])) == (True, count, count)
    assert remote.post("/assert?strict=1", body) == (200, found)


@pytest.mark.parametrize(
    ("body", "python"),
    [
        (
            {"assert": "delivered", "url": URL, "json": {"cups": 3}},
            lambda fake: fake.assert_delivered(URL, json={"cups": 3}),
        ),
        (
            {"assert": "delivered", "url": LATER, "times": 2, "within": 90},
            lambda fake: fake.assert_delivered(LATER, times=2, within=timedelta(seconds=90)),
        ),
        (
            {"assert": "not_delivered", "url": URL},
            lambda fake: fake.assert_not_delivered(URL),
        ),
        (
            {"assert": "retried", "url": LETTER},
            lambda fake: fake.assert_retried(LETTER),
        ),
        (
            {"assert": "dead_lettered", "url": URL, "status": 500},
            lambda fake: fake.assert_dead_lettered(URL, status=500),
        ),
        (
            {"assert": "published", "url": URL, "label": "second"},
            lambda fake: fake.assert_published(URL, label="second"),
        ),
        (
            {"assert": "scheduled", "destination": LATER, "is_paused": True},
            lambda fake: fake.assert_scheduled(LATER, is_paused=True),
        ),
        (
            {"assert": "nothing_pending"},
            lambda fake: fake.assert_nothing_pending(),
        ),
    ],
    ids=lambda each: each.get("assert") if isinstance(each, dict) else "",
)
def test_what_is_not_so_is_told_in_the_words_of_python(
    remote: Remote, body: Json, python: Callable[[FakeQStash], Any]
) -> None:
    with pytest.raises(AssertionError) as raised:
        python(remote.fake)  # type: ignore[arg-type] # the fake of this fixture is one

    unmet = {"ok": False, "text": str(raised.value)}
    assert remote.done("/assert", body) == unmet
    assert remote.post("/assert?strict=1", body) == (417, unmet)


def test_a_pattern_is_told_as_it_was_given(remote: Remote) -> None:
    body = {"assert": "delivered", "url": URL, "method": {"contains": "U"}, "attempt": {"min": 4}}

    text = remote.done("/assert", body)["text"]

    assert "what {'contains': 'U'} accepts" in text
    assert "what {'min': 4} accepts" in text


def test_what_is_not_going_to_happen_is_told_with_what_is(remote: Remote) -> None:
    body = {"assert": "upcoming", "url": URL, "within": "1d", "times": 2, "kind": "attempt"}

    lines = remote.done("/assert", body)["text"].splitlines()

    assert lines[:2] == [
        f"expected 2 events of the kind attempt for {URL} within 1d, and there is nothing",
        "What is going to happen:",
    ]
    assert [line.strip().split()[0] for line in lines[2:]] == [
        "2026-01-01T01:00:00Z",
        "2026-01-02T00:00:00Z",
    ]
    assert remote.done("/assert", {"assert": "upcoming", "url": URL})["text"].startswith(
        f"expected something for {URL} within 7d, and there is nothing"
    )


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, 'assert is missing: send {"assert": ...}'),
        (
            {"assert": "sent"},
            (
                "assert must be one of delivered, not_delivered, retried, dead_lettered, "
                "published, scheduled, nothing_pending, upcoming, got 'sent'"
            ),
        ),
        ({"assert": ["delivered"]}, "assert must be one of delivered, "),
        ({"assert": "delivered"}, 'url is missing: the assertion "delivered" needs it'),
        (
            {"assert": "delivered", "url": None},
            'url is missing: the assertion "delivered" needs it',
        ),
        ({"assert": "scheduled"}, 'destination is missing: the assertion "scheduled" needs it'),
        (
            {"assert": "delivered", "url": URL, "tims": 1},
            "'tims' (1) means nothing here, did you mean 'times'?: send {\"assert\": ...}",
        ),
        (
            {"assert": "retried", "url": URL, "attempt": 1},
            (
                "'attempt' means nothing in the assertion \"retried\": it takes url, times, "
                "method, body, json, headers, at, within, status"
            ),
        ),
        ({"assert": "delivered", "url": 1}, "url must be a text that is not empty, got 1"),
        ({"assert": "delivered", "url": URL, "times": -1}, "times must be a whole number from 0"),
        (
            {"assert": "delivered", "url": URL, "method": 1},
            'method must be text, or an object such as {"contains": "..."}, got 1',
        ),
        (
            {"assert": "delivered", "url": URL, "method": {}},
            'method must be text, or an object such as {"contains": "..."}, got {}',
        ),
        (
            {"assert": "delivered", "url": URL, "body": {"like": "x"}},
            "'like' means nothing in body: it takes contains, startsWith, endsWith",
        ),
        (
            {"assert": "delivered", "url": URL, "body": {"contains": 1}},
            "body.contains must be text, got 1",
        ),
        (
            {"assert": "delivered", "url": URL, "attempt": True},
            'attempt must be a whole number, or an object such as {"min": 2}, got True',
        ),
        (
            {"assert": "delivered", "url": URL, "attempt": {"min": "1"}},
            "attempt.min must be a whole number, got '1'",
        ),
        ({"assert": "delivered", "url": URL, "headers": []}, "headers must be an object, got []"),
        ({"assert": "delivered", "url": URL, "headers": {"X": 1}}, "headers.X must be text, or"),
        ({"assert": "delivered", "url": URL, "at": 1.5}, "at must be unix ms, ISO 8601 text"),
        ({"assert": "delivered", "url": URL, "at": "soon"}, "at cannot be read: 'soon'"),
        ({"assert": "delivered", "url": URL, "within": {}}, "within cannot be {}"),
        ({"assert": "delivered", "url": "shop"}, "'shop' is not a destination"),
        (
            {"assert": "scheduled", "destination": URL, "is_paused": 1},
            "is_paused must be true or false, got 1",
        ),
        ({"assert": "upcoming", "kind": "x"}, 'kind must be one of "attempt", "answer",'),
        ({"assert": "upcoming", "times": "x"}, "times must be a whole number from 0 on, got 'x'"),
        ({"assert": "upcoming", "method": "x"}, "'method' means nothing in the assertion"),
    ],
    ids=str,
)
def test_a_bad_assertion_is_refused_by_name(remote: Remote, body: Json, complaint: str) -> None:
    status, found = remote.post("/assert", body)

    assert status == 400
    assert found["error"].startswith(complaint)


def test_strict_is_yes_or_no() -> None:
    assert Remote().post("/assert?strict=maybe", {"assert": "nothing_pending"}) == (
        400,
        {"error": "strict must be 1 or 0, got 'maybe'"},
    )
