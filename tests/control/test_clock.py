"""The routes that read and move the clock."""

import pytest

from fakestash import FakeQStash
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.script import AnswerLike
from fakestash.drive.manual import ManualDriver
from fakestash.errors import RunawayError
from fakestash.syntax.moments import instant_text
from tests.api.client import error_response
from tests.builders import HOUR, MINUTE, SECOND, START, URL
from tests.control.remote import Json, Remote

RETRIES = "Upstash-Retries"
HINT_DURATION = (
    'give seconds as a number (90 or 1.5), or text such as "1h30m", "90s", '
    '"1.5h" or "500ms" (units ms, s, m, h, d, w)'
)
HINT_INSTANT = (
    'give unix ms as a number, or ISO 8601 text with an offset such as "2026-01-01T00:00:00Z"'
)


def remote_with(*answers: AnswerLike, took: str = "0s") -> Remote:
    """A fake whose destination answers so."""
    fake = FakeQStash()
    fake.destination(URL).responds(*answers, took=took)
    return Remote(fake)


def move(remote: Remote, how: str, body: object = None) -> tuple[int, Json]:
    return remote.post(f"/clock/{how}", body)


def test_a_clock_that_stands_still_shows_where_it_stands_and_what_is_next() -> None:
    remote = remote_with()
    message_id = remote.publish(URL, ("Upstash-Delay", "1h"))

    assert remote.get("/clock") == {
        "now": START,
        "mode": "manual",
        "rate": 0,
        "next": {"at": START + HOUR, "event": f"attempt 1 of 4 of {message_id} to {URL}"},
    }


def test_a_move_reports_every_delivery_and_what_came_back() -> None:
    remote = remote_with(500, 200)
    message_id = remote.publish(URL, (RETRIES, "1"))
    delivery = {"messageId": message_id, "url": URL}

    assert move(remote, "advance", {"duration": "1h"}) == (
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
    remote = remote_with(200, took="1m")
    message_id = remote.publish(URL)

    _, report = move(remote, "next")

    assert report["deliveries"] == [
        {
            "at": START,
            "messageId": message_id,
            "url": URL,
            "retried": 0,
            "status": None,
            "error": None,
        }
    ]
    assert (report["delivered"], report["failed"]) == (0, 0)
    assert report["next"] == {"at": START + MINUTE, "event": f"end of attempt 1 of {message_id}"}


def test_a_cancellation_is_no_delivery() -> None:
    remote = remote_with()
    message_id = remote.publish(URL, ("Upstash-Delay", "1m"))
    remote.fake.engine.cancel(remote.fake.user_id, message_id, "127.0.0.1")

    _, report = move(remote, "run-until-idle")

    assert (report["ended"], report["deliveries"]) == (START + MINUTE, [])


def test_each_move_goes_where_it_says() -> None:
    remote = remote_with(500)
    remote.publish(URL, (RETRIES, "2"))

    reports = [
        move(remote, "next")[1],
        move(remote, "advance", {"duration": 11.5})[1],
        move(remote, "advance-to", {"instant": instant_text(START + MINUTE)})[1],
        move(remote, "run-until-idle", {})[1],
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
    status, report = move(remote_with(), "advance-to", {"instant": number})

    assert (status, report["ended"]) == (200, START + 1_234)


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
        ("run-until-idle", "all", 'the body is no JSON object: send {"limit": ...}'),
    ],
)
def test_a_bad_value_is_refused_by_name(how: str, body: object, complaint: str) -> None:
    remote = remote_with()
    remote.publish(URL)

    assert move(remote, how, body) == (400, {"error": complaint})
    assert remote.get("/clock")["now"] == START
    assert remote.fake.deliveries == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b"1" * 5000, b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    assert remote_with().call("POST", "/clock/advance", body) == (
        400,
        {"error": 'the body is no JSON object: send {"duration": ...}'},
    )


def test_a_move_during_a_move_is_refused() -> None:
    refused: list[tuple[int, Json]] = []

    def answer(_: OutboundRequest) -> int:
        refused.append(move(remote, "next"))
        return 200

    remote = remote_with(answer)
    remote.publish(URL)
    status, _ = move(remote, "advance", {"duration": 0})

    assert status == 200
    ((refusal, body),) = refused
    assert refusal == 409
    assert body["error"].startswith("time is being moved right now")


def test_a_history_without_an_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object, **__: object) -> None:
        raise RunawayError("stopped after 100,000 events")

    monkeypatch.setattr(ManualDriver, "run_until_idle", endless)

    assert move(remote_with(), "run-until-idle") == (
        409,
        {"error": "stopped after 100,000 events"},
    )


def test_a_limit_is_passed_on() -> None:
    remote = remote_with()
    for _ in range(3):
        remote.publish(URL)

    status, found = move(remote, "advance", {"duration": 0, "limit": 2})

    assert status == 409
    assert found["error"].startswith("stopped at 2026-01-01T00:00:00Z after 2 events: ")
    assert move(remote, "run-until-idle", {"limit": 0}) == (
        400,
        {"error": "limit must be a whole number from 1 on, got 0"},
    )


def test_what_an_assertion_in_a_script_says_is_told() -> None:
    def answer(request: OutboundRequest) -> int:
        assert request.body == b"tea", "no tea"
        return 200

    remote = remote_with(answer)
    remote.publish(URL)

    status, found = move(remote, "next")

    assert status == 409
    assert found["error"].startswith("AssertionError: no tea")


def test_a_stray_destination_is_told() -> None:
    remote = Remote()
    remote.publish("https://nowhere.test/")

    status, found = move(remote, "next")

    assert status == 409
    assert found["error"].startswith("a message was due for https://nowhere.test/, and nothing")


# --- modes -----------------------------------------------------------------------------------


def test_the_clock_of_a_test_stays_one_that_is_moved_by_hand() -> None:
    remote = Remote()

    assert remote.done("/clock/mode", {"mode": "manual"}) == remote.get("/clock")
    assert remote.post("/clock/mode", {"mode": "auto"}) == (
        409,
        {
            "error": "the clock of this fake belongs to a test in Python and is moved by hand: "
            "other modes are for the development server, `fakestash dev`"
        },
    )


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"mode": "fast"}, 'mode must be one of "real", "rate", "manual", "auto", got \'fast\''),
        ({"mode": 1}, 'mode must be one of "real", "rate", "manual", "auto", got 1'),
        (
            {"mode": "auto", "rate": 2},
            'rate (2) goes with the mode "rate" only, not with "auto"',
        ),
        (
            {"mode": "rate"},
            'the mode "rate" needs a rate beside it: a number from 0.001 to 1000000, such as 60',
        ),
        (
            {"mode": "rate", "rate": True},
            "rate must be a number from 0.001 to 1000000, such as 60, got True",
        ),
        (
            {"mode": "rate", "rate": 0},
            "rate must be a number from 0.001 to 1000000, such as 60, got 0",
        ),
        ({}, 'mode is missing: send {"mode": ...}'),
    ],
)
def test_a_bad_mode_is_refused_by_name(body: object, complaint: str) -> None:
    assert Remote().post("/clock/mode", body) == (400, {"error": complaint})


# --- paths and methods -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/clock", "GET, HEAD"),
        ("DELETE", "/clock", "GET, HEAD"),
        ("GET", "/clock/advance", "POST"),
    ],
)
def test_another_method_is_refused_as_anywhere_else(method: str, path: str, allowed: str) -> None:
    response = Remote().response(method, path)
    text = f"method not allowed: {method} /_fakestash{path}"
    expected = error_response(405, text, ("allow", allowed))

    assert response._replace(header=()) == expected._replace(header=())
    assert sorted(response.header) == sorted(expected.header)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/a", ""),
        ("/clock/advanc", "did you mean /_fakestash/clock/advance? "),
        ("/elsewhere/altogether/and/more/than/that", ""),
    ],
)
def test_another_path_is_refused_and_the_nearest_is_named(path: str, hint: str) -> None:
    assert Remote().post(path) == (
        404,
        {
            "error": f"route not found: POST /_fakestash{path}; {hint}"
            "GET /_fakestash/openapi.json lists what there is"
        },
    )


def test_head_is_answered_like_get_without_a_body() -> None:
    response = Remote().response("HEAD", "/clock")

    assert (response.status, response.body) == (200, "")
    assert ("content-type", "application/json") in response.header
