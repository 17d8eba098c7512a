"""The routes that read and move the clock of the development server."""

import json
from functools import partial
from typing import Any

import pytest

from fakestash.api.app import create_app
from fakestash.api.control import Json, clock_routes
from fakestash.delivery.outbound import OutboundRequest
from fakestash.drive.remote import STANDS_STILL, RemoteHand, clock_state
from fakestash.errors import RunawayError
from fakestash.model.outcomes import Outcome, Responded
from fakestash.syntax.moments import instant_text
from tests.api.client import error_response, response_of, run, scope_of
from tests.builders import BROKEN, HOUR, MINUTE, OK, SECOND, START, URL, Answer, Stage

SLOW = Responded(200, took=MINUTE)
HINT_DURATION = (
    'give a timedelta, seconds as a number (90 or 1.5), or text such as "1h30m", "90s", '
    '"1.5h" or "500ms" (units ms, s, m, h, d, w)'
)
HINT_INSTANT = (
    "give a datetime with a timezone, ISO 8601 text with an offset such as "
    '"2026-01-01T00:00:00Z", or unix seconds as a number'
)


class Remote:
    """A clock under remote control; without ``by_hand`` nobody may move it."""

    def __init__(self, *answers: Answer, by_hand: bool = True) -> None:
        self.stage = Stage(*answers)
        engine = self.stage.engine
        rate = STANDS_STILL if by_hand else 60
        hand = RemoteHand(engine, self.stage.driver) if by_hand else None
        routes = clock_routes(partial(clock_state, engine, rate), hand)
        self.app = create_app(engine, extra_routes=routes)

    def state(self) -> Json:
        found: Json = self._call("GET", "", b"")[1]
        return found

    def move(self, how: str, body: object = None) -> tuple[int, Any]:
        return self.send(how, b"" if body is None else json.dumps(body).encode())

    def send(self, how: str, body: bytes) -> tuple[int, Any]:
        return self._call("POST", f"/{how}", body)

    def _call(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        event = {"type": "http.request", "body": body, "more_body": False}
        exchange = run(self.app, scope_of(method, f"/_fakestash/clock{path}"), event)
        response = response_of(exchange)
        return response.status, json.loads(response.body)


def test_a_clock_that_stands_still_shows_where_it_stands_and_what_is_next() -> None:
    remote = Remote()
    message = remote.stage.publish(delay=HOUR)

    assert remote.state() == {
        "now": START,
        "mode": "manual",
        "rate": 0,
        "next": {"at": START + HOUR, "event": f"attempt 1 of 4 of {message.id} to {URL}"},
    }


def test_a_clock_that_runs_shows_its_rate() -> None:
    assert Remote(by_hand=False).state() == {
        "now": START,
        "mode": "real",
        "rate": 60,
        "next": None,
    }


@pytest.mark.parametrize("rate", [0.5, 1.5])
def test_a_rate_may_be_a_fraction(rate: float) -> None:
    assert clock_state(Stage().engine, rate)["rate"] == rate


def test_a_move_reports_every_delivery_and_what_came_back() -> None:
    remote = Remote(BROKEN, OK)
    message = remote.stage.publish(retries=1)
    delivery = {"messageId": message.id, "url": URL}

    assert remote.move("advance", {"duration": "1h"}) == (
        200,
        {
            "started": START,
            "ended": START + HOUR,
            "reason": "the instant was reached",
            "delivered": 1,
            "failed": 1,
            "deliveries": [
                {
                    **delivery,
                    "at": START,
                    "retried": 0,
                    "status": 500,
                    "error": "HTTP status 500",
                },
                {
                    **delivery,
                    "at": START + 12 * SECOND,
                    "retried": 1,
                    "status": 200,
                    "error": None,
                },
            ],
            "next": None,
        },
    )


def test_an_answer_that_is_still_to_come_is_neither_status_nor_error() -> None:
    remote = Remote(SLOW)
    message = remote.stage.publish()

    _, report = remote.move("next")

    assert report["deliveries"] == [
        {
            "at": START,
            "messageId": message.id,
            "url": URL,
            "retried": 0,
            "status": None,
            "error": None,
        }
    ]
    assert (report["delivered"], report["failed"]) == (0, 0)
    assert report["next"] == {"at": START + MINUTE, "event": f"end of attempt 1 of {message.id}"}


def test_a_cancellation_is_no_delivery() -> None:
    remote = Remote()
    message = remote.stage.publish(delay=MINUTE)
    remote.stage.cancel(message)

    _, report = remote.move("run-until-idle")

    assert (report["ended"], report["deliveries"]) == (START + MINUTE, [])


def test_each_move_goes_where_it_says() -> None:
    remote = Remote(BROKEN)
    remote.stage.publish(retries=2)

    reports = [
        remote.move("next")[1],
        remote.move("advance", {"duration": 11.5})[1],
        remote.move("advance-to", {"instant": instant_text(START + MINUTE)})[1],
        remote.move("run-until-idle", {})[1],
    ]

    assert [
        (report["ended"] - START, report["failed"], report["reason"]) for report in reports
    ] == [
        (0, 1, "the next event was run"),
        (11_500, 0, "the instant was reached"),
        (60_000, 1, "the instant was reached"),
        (160_000, 1, "nothing is due any more"),
    ]


@pytest.mark.parametrize("number", [START + 1_234, float(START + 1_234)])
def test_an_instant_as_a_number_is_in_unix_milliseconds(number: float) -> None:
    status, report = Remote().move("advance-to", {"instant": number})

    assert (status, report["ended"]) == (200, START + 1_234)


@pytest.mark.parametrize("how", ["advance", "advance-to", "next", "run-until-idle"])
def test_a_clock_that_runs_cannot_be_moved(how: str) -> None:
    remote = Remote(by_hand=False)

    assert remote.send(how, b"") == (
        409,
        {
            "error": "the clock of this server runs by itself and cannot be moved: start it with "
            "`fakestash dev --manual` to move it by hand"
        },
    )


@pytest.mark.parametrize(
    ("how", "body", "complaint"),
    [
        (
            "advance",
            {"duration": "soon"},
            f"duration cannot be read: 'soon'; {HINT_DURATION}",
        ),
        (
            "advance",
            {"duration": -1},
            f"duration cannot be negative: -1; {HINT_DURATION}",
        ),
        (
            "advance",
            {"duration": None},
            f"duration cannot be None, a NoneType: {HINT_DURATION}",
        ),
        (
            "advance-to",
            {"instant": "2025-12-31T23:59:59Z"},
            (
                "instant is in the past: '2025-12-31T23:59:59Z'; the clock shows "
                "2026-01-01T00:00:00Z and cannot go back"
            ),
        ),
        (
            "advance-to",
            {"instant": START - 1},
            (
                f"instant is in the past: {START - 1}; the clock shows 2026-01-01T00:00:00Z and "
                "cannot go back"
            ),
        ),
        (
            "advance-to",
            {"instant": 10**20},
            (
                f"the instant {10**20} (unix milliseconds) is outside the years 1 to 9999, "
                "which is all that a datetime can hold: move the clock less far"
            ),
        ),
        (
            "advance-to",
            {"instant": START + 0.5},
            f"instant must be a whole number of unix ms, or ISO text, got {START}.5",
        ),
        (
            "advance-to",
            {"instant": float("nan")},
            "instant must be a whole number of unix ms, or ISO text, got nan",
        ),
        ("advance-to", {"instant": True}, f"instant cannot be True: {HINT_INSTANT}"),
        ("advance-to", {"instant": "soon"}, f"instant cannot be read: 'soon'; {HINT_INSTANT}"),
        ("advance", {}, 'duration is missing: send {"duration": ...}'),
        ("advance-to", {}, 'instant is missing: send {"instant": ...}'),
        (
            "advance",
            {"duration": 1, "seconds": 1},
            "'seconds' (1) means nothing here: send {\"duration\": ...}",
        ),
        ("next", {"steps": 2}, "'steps' (2) means nothing here: send {}"),
        ("advance", [], 'the body is no JSON object: send {"duration": ...}'),
        ("run-until-idle", "all", "the body is no JSON object: send {}"),
    ],
)
def test_a_bad_value_is_refused_by_name(how: str, body: object, complaint: str) -> None:
    remote = Remote()
    message = remote.stage.publish()

    assert remote.move(how, body) == (400, {"error": complaint})
    assert remote.state()["now"] == START
    assert message.attempts == 0


@pytest.mark.parametrize("body", [b"{", b"\xff", b"1" * 5000, b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    assert Remote().send("advance", body) == (
        400,
        {"error": 'the body is no JSON object: send {"duration": ...}'},
    )


def test_a_move_during_a_move_is_refused() -> None:
    refused: list[tuple[int, Any]] = []

    def answer(_: OutboundRequest) -> Outcome:
        refused.append(remote.move("next"))
        return OK

    remote = Remote(answer)
    remote.stage.publish()
    status, _ = remote.move("advance", {"duration": 0})

    assert status == 200
    ((refusal, body),) = refused
    assert refusal == 409
    assert body["error"].startswith("next_async() was called ")


def test_a_history_without_an_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(_: RemoteHand) -> Json:
        raise RunawayError("stopped after 100,000 events")

    monkeypatch.setattr(RemoteHand, "run_until_idle", endless)

    assert Remote().move("run-until-idle") == (409, {"error": "stopped after 100,000 events"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/_fakestash/clock", "GET, HEAD"),
        ("DELETE", "/_fakestash/clock", "GET, HEAD"),
        ("GET", "/_fakestash/clock/advance", "POST"),
        ("HEAD", "/_fakestash/clock/next", "POST"),
    ],
)
def test_another_method_is_refused_as_anywhere_else(method: str, path: str, allowed: str) -> None:
    response = response_of(run(Remote().app, scope_of(method, path)))
    expected = error_response(405, f"method not allowed: {method} {path}", ("allow", allowed))

    assert response._replace(header=()) == expected._replace(header=())
    assert sorted(response.header) == sorted(expected.header)


@pytest.mark.parametrize("path", ["/_fakestash", "/_fakestash/clock/", "/_fakestash/clock/stop"])
def test_another_path_is_refused_as_anywhere_else(path: str) -> None:
    assert response_of(run(Remote().app, scope_of("POST", path))) == error_response(
        404, f"route not found: POST {path}"
    )
