"""Going back over HTTP: snapshots, and a new beginning."""

import pytest

from fakestash import FakeQStash
from fakestash.control.snapshots import MOST_SNAPSHOTS
from fakestash.delivery.outbound import OutboundRequest
from tests.builders import HOUR, START, URL
from tests.control.remote import Json, Remote


def with_destination() -> Remote:
    remote = Remote()
    remote.done("/destinations", {"url": URL})
    return remote


def test_time_goes_back_to_a_snapshot_with_all_that_there_was() -> None:
    remote = with_destination()
    taken = remote.done("/snapshots", {"name": "empty"})
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": "1h"})

    clock = remote.done("/snapshots/empty/restore")

    assert taken == {"id": "empty", "at": START}
    assert (
        clock == remote.get("/clock") == {"now": START, "mode": "manual", "rate": 0, "next": None}
    )
    assert remote.get("/deliveries")["count"] == 0


def test_a_snapshot_can_be_restored_again_until_it_is_deleted() -> None:
    remote = with_destination()
    remote.publish(URL)
    taken = [remote.done("/snapshots")["id"] for _ in range(2)]
    for _ in range(2):
        remote.done("/clock/next")
        remote.done(f"/snapshots/{taken[0]}/restore")

    assert taken == ["snapshot-1", "snapshot-2"]
    assert remote.delete("/snapshots/snapshot-1") == (204, None)
    assert remote.get("/snapshots") == {"snapshots": [{"id": "snapshot-2", "at": START}]}
    assert remote.done("/snapshots")["id"] == "snapshot-3"


@pytest.mark.parametrize("call", ["restore", "delete"])
def test_a_snapshot_that_is_not_there_is_refused_with_those_that_are(call: str) -> None:
    remote = Remote()
    remote.done("/snapshots", {"name": "one"})

    answer = (
        remote.post("/snapshots/two/restore")
        if call == "restore"
        else remote.delete("/snapshots/two")
    )

    assert answer == (404, {"error": "there is no snapshot 'two'; there are: one"})


def test_a_name_is_for_one_snapshot() -> None:
    remote = Remote()
    remote.done("/snapshots", {"name": "one"})

    status, found = remote.post("/snapshots", {"name": "one"})

    assert status == 409
    assert found["error"].startswith("there is a snapshot 'one' already: DELETE ")
    assert remote.post("/snapshots", {"name": 1}) == (
        400,
        {"error": "name must be a text that is not empty, got 1"},
    )


def test_there_are_only_so_many_snapshots() -> None:
    remote = Remote()
    for _ in range(MOST_SNAPSHOTS):
        remote.done("/snapshots")

    assert remote.post("/snapshots") == (
        429,
        {"error": "there are 100 snapshots, which is the most: delete some"},
    )


def test_during_a_delivery_nothing_is_kept_or_put_back() -> None:
    answers: list[tuple[int, Json]] = []

    def answer(_: OutboundRequest) -> int:
        answers.extend(
            [remote.post("/snapshots"), remote.post("/snapshots/a/restore"), remote.post("/reset")]
        )
        return 200

    fake = FakeQStash()
    fake.destination(URL).responds(answer)
    remote = Remote(fake)
    remote.done("/snapshots", {"name": "a"})
    remote.publish(URL)

    remote.done("/clock/next")

    assert [status for status, _ in answers] == [409, 409, 409]


# --- a new beginning -------------------------------------------------------------------------


def test_a_reset_leaves_nothing_but_what_the_test_in_python_set_up() -> None:
    fake = FakeQStash(seed=7)
    fake.destination("https://mine.test").responds(500, 200)
    remote = Remote(fake)
    remote.done("/destinations", {"url": URL, "answers": [503]})
    first = remote.publish("https://mine.test/a")
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": "1h"})

    clock = remote.done("/reset")

    assert clock == {"now": START, "mode": "manual", "rate": 0, "next": None}
    assert remote.get("/summary") == {
        "delivered": 0,
        "failed": 0,
        "canceled": 0,
        "pending": 0,
        "deadLetters": 0,
        "deliveries": 0,
        "text": "0 delivered, 0 failed, 0 pending, 0 in the dead letter queue, 0 delivery attempts",
    }
    assert remote.get("/destinations") == {
        "destinations": [{"url": "https://mine.test", "received": 0, "answersLeft": 2, "rules": []}]
    }
    assert remote.publish("https://mine.test/a") == first


def test_a_reset_may_set_another_start_and_other_ids() -> None:
    remote = Remote()
    first = remote.publish(URL)

    assert remote.done("/reset", {"start": START + HOUR, "seed": 1})["now"] == START + HOUR
    assert remote.publish(URL) != first
    assert remote.done("/reset")["now"] == START + HOUR
    assert remote.done("/reset", {"start": "2026-01-01T00:00:00Z", "seed": 0})["now"] == START
    assert remote.publish(URL) == first


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"seed": -1}, "seed must be a whole number from 0 on, got -1"),
        ({"seed": True}, "seed must be a whole number from 0 on, got True"),
        ({"start": 1.5}, "start must be a whole number of unix ms, or ISO text, got 1.5"),
        ({"begin": 1}, '\'begin\' (1) means nothing here: send {"start": ..., "seed": ...}'),
        (
            {"strat": 1},
            (
                "'strat' (1) means nothing here, did you mean 'start'?: "
                'send {"start": ..., "seed": ...}'
            ),
        ),
    ],
)
def test_a_bad_value_of_a_reset_is_refused_by_name(body: object, complaint: str) -> None:
    remote = Remote()
    message_id = remote.publish(URL)

    assert remote.post("/reset", body) == (400, {"error": complaint})
    assert [message.id for message in remote.fake.messages] == [message_id]
