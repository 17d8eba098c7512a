"""``FlowControlApi``: limits by key, seen and changed."""

from tests.builders import MINUTE, START
from tests.clients.npm.expected import Object, published, raised, refused, sent
from tests.clients.npm.player import Player

START_S = START // 1000


def limits(**changes: object) -> tuple[str, Object]:
    shown = {
        "flowControlKey": "till",
        "waitListSize": 0,
        "parallelismMax": 0,
        "parallelismCount": 0,
        "rateMax": 0,
        "rateCount": 0,
        "ratePeriod": 1,
        "ratePeriodStart": 0,
        "isPaused": False,
        "isPinnedParallelism": False,
        "isPinnedRate": False,
    }
    return ("FlowControlApi.get", {**shown, **changes})


def in_flight(count: int) -> tuple[str, Object]:
    return (
        "FlowControlApi.getGlobalParallelism",
        {"parallelismMax": 100, "parallelismCount": count},
    )


def done(method: str) -> tuple[str, None]:
    return (f"FlowControlApi.{method}", None)


def test_a_key_shows_its_limits_and_how_far_they_are_used(player: Player) -> None:
    play = player.play("flow_control.seen")

    given = {"parallelismMax": 2, "rateMax": 10, "ratePeriod": 60}
    used = {**given, "waitListSize": 1, "parallelismCount": 2}
    assert play.calls == [
        ("FlowControlApi.get", refused(404, "flow control key till not found")),
        ("FlowControlApi.get", raised("QstashError", "Flow control key cannot be empty")),
        *map(published, range(1, 4)),
        limits(**given),
        limits(**used, rateCount=2, ratePeriodStart=START_S),
        in_flight(2),
        done("resetRate"),
        limits(**used, rateCount=0, ratePeriodStart=START_S + 5),
        limits(**given, ratePeriodStart=START_S + 5),
        in_flight(0),
    ]
    assert play.deliveries == [
        sent(1, "POST https://slow.test/1"),
        sent(2, "POST https://slow.test/2"),
        sent(3, "POST https://slow.test/3", at=10_000),
    ]


def test_a_paused_key_holds_its_messages(player: Player) -> None:
    play = player.play("flow_control.paused")

    assert play.calls == [
        done("pause"),
        published(1),
        limits(waitListSize=1, rateMax=1, isPaused=True),
        done("resume"),
        limits(waitListSize=1, rateMax=1),
    ]
    assert play.deliveries == [sent(1, "POST https://shop.test/1", at=MINUTE)]


def test_pinned_limits_hold_until_they_are_unpinned_and_a_message_brings_others(
    player: Player,
) -> None:
    play = player.play("flow_control.pinned")

    pinned = {
        "parallelismMax": 3,
        "rateMax": 4,
        "ratePeriod": 60,
        "ratePeriodStart": START_S,
    }
    assert play.calls == [
        done("pin"),
        published(1),
        limits(**pinned, isPinnedParallelism=True, isPinnedRate=True),
        done("unpin"),
        limits(**pinned),
        published(2),
        limits(rateMax=1, ratePeriod=5, ratePeriodStart=START_S),
        done("pin"),
        done("unpin"),
        limits(rateMax=2, ratePeriod=1, ratePeriodStart=START_S, isPinnedRate=True),
    ]


def test_a_bad_pin_is_refused(player: Player) -> None:
    play = player.play("flow_control.refused")

    assert play.calls == [
        ("FlowControlApi.pin", refused(400, text))
        for text in (
            "at least one of parallelism or rate must be provided",
            'invalid parallelism: expected a positive integer, got "0"',
            "period can only be pinned together with rate",
        )
    ]
