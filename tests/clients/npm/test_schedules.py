"""``Schedules``: how they are shown, and what they send."""

from tests.builders import DAY, HOUR, MINUTE, START
from tests.clients.npm.expected import (
    AS_JSON,
    BROKEN,
    BROKEN_ORDERS,
    CALLED,
    ERROR,
    FAILED,
    ORDERS,
    SHOP,
    Object,
    base64_of,
    event,
    logged,
    raised,
    redacted,
    refused,
    reported,
    sent,
)
from tests.clients.npm.player import Player

JSON = {"Content-Type": ["application/json"]}


def schedule(name: str, **changes: object) -> Object:
    return {
        "createdAt": START,
        "scheduleId": name,
        "cron": "0 * * * *",
        "destination": ORDERS,
        "method": "POST",
        "header": JSON,
        "retries": 3,
        "callerIP": "127.0.0.1",
        "isPaused": False,
        "parallelism": 0,
        **changes,
    }


def created(name: str) -> tuple[str, Object]:
    return ("Schedules.create", {"scheduleId": name})


def test_a_schedule_without_anything_posts_nothing_again_and_again(player: Player) -> None:
    play = player.play("schedules.bare")

    name = "schedule-1"
    shown = {"header": JSON, "scheduleId": name}
    assert play.calls == [
        created(name),
        ("Schedules.get", schedule(name, nextScheduleTime=START + HOUR)),
        (
            "Schedules.get",
            schedule(
                name,
                lastScheduleTime=START + 2 * HOUR,
                nextScheduleTime=START + 3 * HOUR,
                lastScheduleStates={"message-1": "SUCCESS"},
            ),
        ),
        (
            "Client.logs",
            logged(
                *(
                    event(at, "CREATED", number, ORDERS, **shown, nextDeliveryTime=START + at)
                    for at, number in ((2 * HOUR, 1), (HOUR, 2))
                )
            ),
        ),
        ("Schedules.delete", None),
        ("Schedules.get", refused(404, f"schedule {name} not found")),
    ]
    made_by = ("Upstash-Schedule-Id", name)
    assert play.deliveries == [
        sent(2, f"POST {ORDERS}", AS_JSON, made_by, at=HOUR),
        sent(1, f"POST {ORDERS}", AS_JSON, made_by, at=2 * HOUR),
    ]


def test_every_option_of_a_schedule_is_honoured(player: Player) -> None:
    play = player.play("schedules.everyOption")

    fired, due, last = 30 * MINUTE, 31 * MINUTE, 31 * MINUTE + 5_000
    settings = {
        "method": "PUT",
        "header": {"Content-Type": ["text/x-tea"], "X-Shop": [redacted("tea")]},
        "timeout": 20_000,
        "callback": CALLED,
        "failureCallback": FAILED,
        "queueName": "till",
        "flowControlKey": "till",
        "parallelism": 2,
        "rate": 5,
        "period": 60,
        "label": "orders",
        "labels": ["orders", "tea"],
    }
    in_schedule = {
        **settings,
        "cron": "CRON_TZ=Europe/Berlin 30 1 * * *",
        "destination": BROKEN_ORDERS,
        "body": redacted("tea"),
        "retries": 1,
        "delay": 60,
        "retryDelayExpression": "5000",
        "ratePerSecond": 5,
    }
    in_log = {
        **settings,
        "scheduleId": "nightly",
        "body": base64_of(redacted("tea")),
        "maxRetries": 1,
        "retryDelayExpr": "5000",
    }
    assert play.calls == [
        created("nightly"),
        (
            "Schedules.get",
            schedule("nightly", **in_schedule, nextScheduleTime=START + fired),
        ),
        (
            "Schedules.get",
            schedule(
                "nightly",
                **in_schedule,
                lastScheduleTime=START + fired,
                nextScheduleTime=START + fired + DAY,
                lastScheduleStates={"message-1": "FAIL"},
            ),
        ),
        (
            "Client.logs",
            logged(
                *(
                    event(at, state, 1, BROKEN_ORDERS, **in_log, **more)
                    for at, state, more in (
                        (last, "FAILED", {}),
                        (last, "ERROR", ERROR),
                        (last, "ACTIVE", {}),
                        (due, "RETRY", {"nextDeliveryTime": START + last}),
                        (due, "ERROR", ERROR),
                        (due, "ACTIVE", {}),
                        (fired, "CREATED", {"nextDeliveryTime": START + due}),
                    )
                )
            ),
        ),
        (
            "Queue.get",
            {
                "createdAt": START + fired,
                "updatedAt": START + fired,
                "name": "till",
                "parallelism": 1,
                "lag": 0,
                "paused": False,
            },
        ),
    ]

    line = f"PUT {BROKEN_ORDERS}"
    fields = [("Content-Type", "text/x-tea"), SHOP, ("Upstash-Schedule-Id", "nightly")]
    first = sent(1, line, *fields, body="tea", at=due)
    retry = sent(1, line, *fields, body="tea", at=last, retried=1)
    dlq_id = f"{START + last}-0"
    assert play.deliveries == [
        first,
        reported(2, first, BROKEN, retries=1, created=fired, due=due, schedule="nightly"),
        retry,
        reported(3, retry, BROKEN, retries=1, created=fired, due=due, schedule="nightly"),
        reported(
            4,
            retry,
            BROKEN,
            to=FAILED,
            retries=1,
            created=fired,
            due=due,
            dlq_id=dlq_id,
            schedule="nightly",
        ),
    ]


def test_options_that_take_other_forms_mean_the_same(player: Player) -> None:
    play = player.play("schedules.otherForms")

    first_monday = START + 4 * DAY + 8 * HOUR
    assert play.calls == [
        created("a"),
        created("b"),
        (
            "Schedules.list",
            [
                schedule(
                    "a",
                    cron="@daily",
                    header={"Content-Type": [redacted("application/json")]},
                    body="tea",
                    delay=3_600,
                    timeout=20_000,
                    nextScheduleTime=START + DAY,
                    flowControlKey="till",
                    rate=6,
                    period=3_600,
                    label="tea",
                    labels=["tea"],
                    ratePerSecond=6,
                ),
                schedule(
                    "b",
                    cron="*/5 8-18 * JAN-MAR mon",
                    header={**JSON, "X-Shop": ["tea"]},
                    bodyBase64="/w==",
                    nextScheduleTime=first_monday,
                    flowControlKey="till",
                    parallelism=3,
                    period=1,
                ),
            ],
        ),
    ]


def test_a_paused_schedule_sends_nothing_until_it_is_resumed(player: Player) -> None:
    play = player.play("schedules.paused")

    waiting = schedule("hourly", nextScheduleTime=START + 2 * HOUR, isPaused=True)
    assert play.calls == [
        created("hourly"),
        ("Schedules.pause", None),
        ("Schedules.get", waiting),
        created("hourly"),
        ("Schedules.get", {**waiting, "body": "tea"}),
        ("Schedules.resume", None),
        (
            "Schedules.list",
            [
                schedule(
                    "hourly",
                    body="tea",
                    lastScheduleTime=START + 3 * HOUR,
                    nextScheduleTime=START + 4 * HOUR,
                    lastScheduleStates={"message-1": "SUCCESS"},
                )
            ],
        ),
    ]
    made_by = ("Upstash-Schedule-Id", "hourly")
    assert play.deliveries == [
        sent(2, f"POST {ORDERS}", AS_JSON, made_by, body="tea", at=2 * HOUR),
        sent(1, f"POST {ORDERS}", AS_JSON, made_by, body="tea", at=3 * HOUR),
    ]


def test_a_schedule_sends_to_the_endpoints_that_a_group_has_at_that_time(player: Player) -> None:
    play = player.play("schedules.toGroups")

    fired = schedule(
        "hourly",
        destination="shops",
        retries=0,
        lastScheduleTime=START + HOUR,
        nextScheduleTime=START + 2 * HOUR,
        lastScheduleStates={"message-1": "SUCCESS", "message-2": "FAIL"},
    )
    gone = {"nextScheduleTime": START + 3 * HOUR, "error": "topic shops not found"}
    assert play.calls == [
        ("UrlGroups.addEndpoints", None),
        created("hourly"),
        ("Schedules.get", fired),
        ("UrlGroups.delete", None),
        ("Schedules.get", {**fired, **gone}),
    ]
    origin = [("Upstash-Schedule-Id", "hourly"), ("Upstash-Topic-Name", "shops")]
    assert play.deliveries == [
        sent(1, "POST https://shop.test/a", AS_JSON, *origin, at=HOUR),
        sent(2, "POST https://broken.test/", AS_JSON, *origin, at=HOUR),
    ]


def test_what_is_wrong_with_a_schedule_is_told(player: Player) -> None:
    play = player.play("schedules.refused")

    name = "schedule id can only contain alphanumeric characters, hyphens, periods and underscores"
    limits = "Provide at least one of parallelism or ratePerSecond for flowControl"
    assert play.calls == [
        ("Schedules.create", refused(400, "Invalid cron expression empty spec string")),
        (
            "Schedules.create",
            refused(400, "Invalid cron expression expected exactly 5 fields, found 3: [a b c]"),
        ),
        ("Schedules.create", refused(404, "topic nobody not found")),
        ("Schedules.create", refused(400, name)),
        ("Schedules.create", raised("QstashError", limits)),
        ("Schedules.get", refused(404, "schedule nightly not found")),
        ("Schedules.pause", refused(404, "schedule nightly not found")),
        ("Schedules.resume", refused(404, "schedule nightly not found")),
        ("Schedules.delete", None),
        ("Schedules.list", []),
    ]
