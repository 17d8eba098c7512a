"""Chaos over HTTP."""

import pytest

from fakestash import FakeQStash
from tests.builders import SECOND, START, URL
from tests.control.remote import Json, Remote

NOTHING: Json = {
    "seed": None,
    "schedule": None,
    "happened": "",
    "disturbances": [],
    "text": "nothing was disturbed",
}


def remote_with(fake: FakeQStash) -> Remote:
    fake.destination(URL)
    return Remote(fake)


def instants(remote: Remote, *message_ids: str) -> list[tuple[int, int, int]]:
    """Each delivery so far: the place of its message, its attempt from 0, and its instant."""
    return [
        (message_ids.index(each["messageId"]), each["retried"], each["at"] - START)
        for each in remote.get("/deliveries")["deliveries"]
    ]


def test_a_schedule_is_for_messages_that_are_made_from_then_on() -> None:
    remote = remote_with(FakeQStash())
    before = remote.publish(URL)
    schedule = "deliver #1 twice, 2 s apart; lose the answer to #2"

    begun = remote.done("/chaos", {"schedule": schedule})
    first, second = remote.publish(URL), remote.publish(URL)
    remote.done("/clock/advance", {"duration": "1m"})
    found = remote.get("/chaos")

    lost = [each.get("answerWasLost") for each in remote.get("/deliveries")["deliveries"]]
    assert lost == [None, True, True, None, None]
    assert begun == {**NOTHING, "schedule": schedule}
    assert instants(remote, before, first, second) == [
        (0, 0, 0),
        (1, 0, 0),
        (2, 0, 0),
        (1, 0, 2 * SECOND),
        (2, 1, 12 * SECOND),
    ]
    assert found["happened"] == schedule
    assert found["disturbances"] == [
        {
            "message": 1,
            "messageId": first,
            "attempt": 1,
            "kind": "twice",
            "millis": 2 * SECOND,
            "text": "deliver #1 twice, 2 s apart",
        },
        {
            "message": 2,
            "messageId": second,
            "attempt": 1,
            "kind": "lost",
            "millis": 0,
            "text": "lose the answer to #2",
        },
    ]
    assert found["text"].splitlines()[0] == f"disturbed: {schedule}"
    assert f"#2 POST {URL}" in found["text"]


def test_a_seed_makes_disturbances_that_can_be_sent_as_a_schedule() -> None:
    by_seed, by_schedule = remote_with(FakeQStash()), remote_with(FakeQStash())
    assert by_seed.done("/chaos", {"seed": 7}) == {**NOTHING, "seed": 7}
    sent = [by_seed.publish(URL) for _ in range(8)]
    by_seed.done("/clock/run-until-idle")
    happened = by_seed.get("/chaos")["happened"]

    by_schedule.done("/chaos", {"schedule": happened})
    again = [by_schedule.publish(URL) for _ in range(8)]
    by_schedule.done("/clock/run-until-idle")

    assert happened
    assert instants(by_schedule, *again) == instants(by_seed, *sent)


@pytest.mark.parametrize("end", ["delete", "seed 0", "empty schedule"])
def test_chaos_ends_and_an_answer_that_was_to_get_lost_counts(end: str) -> None:
    fake = FakeQStash()
    remote = remote_with(fake)
    fake.destination(URL).responds(200, took="5s")
    remote.done("/chaos", {"schedule": "lose the answer to #1"})
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": "1s"})

    if end == "delete":
        assert remote.delete("/chaos") == (204, None)
    else:
        body = {"seed": 0} if end == "seed 0" else {"schedule": ";"}
        assert remote.done("/chaos", body) == NOTHING
    remote.done("/clock/advance", {"duration": "1m"})

    assert remote.get("/chaos") == NOTHING
    assert remote.get("/summary")["text"].startswith("1 delivered, 0 failed, 0 pending")
    assert remote.get("/summary")["deliveries"] == 1


def test_other_chaos_knows_nothing_of_earlier_messages() -> None:
    fake = FakeQStash()
    remote = remote_with(fake)
    fake.destination(URL).responds(200, took="5s")
    remote.done("/chaos", {"seed": 2})
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": "5s"})
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": "1s"})

    remote.done("/chaos", {"schedule": "deliver #1 twice"})
    last = remote.publish(URL)
    remote.done("/clock/run-until-idle")

    found = remote.get("/chaos")
    assert [each["messageId"] for each in found["disturbances"]] == [last]
    assert found["text"].count("its answer 200 was lost") == 1
    assert remote.get("/summary")["delivered"] == 3


def test_a_reset_brings_back_what_there_was_at_the_start() -> None:
    undisturbed, disturbed = remote_with(FakeQStash()), remote_with(FakeQStash(chaos_seed=1))
    for remote in (undisturbed, disturbed):
        remote.done("/chaos", {"schedule": "lose the answer to #1"})
        remote.done("/reset")

    assert undisturbed.get("/chaos") == NOTHING
    assert disturbed.get("/chaos") == {**NOTHING, "seed": 1}
    disturbed.publish(URL)
    disturbed.done("/clock/advance", {"duration": 0})
    assert disturbed.get("/chaos")["happened"] == "deliver #1 twice"


def test_a_snapshot_has_the_chaos_of_its_instant() -> None:
    remote = remote_with(FakeQStash())
    remote.done("/chaos", {"seed": 1})
    remote.done("/snapshots", {"name": "one"})
    remote.delete("/chaos")

    remote.done("/snapshots/one/restore")

    assert remote.get("/chaos")["seed"] == 1


EXAMPLES = '{"seed": 7}, or {"schedule": "deliver #3 twice, 2 s apart"}'


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, f"send either seed or schedule, got neither: {EXAMPLES}"),
        (
            {"seed": 1, "schedule": "deliver #1 twice"},
            f"send either seed or schedule, got seed and schedule: {EXAMPLES}",
        ),
        ({"seed": -1}, "seed must be a whole number from 0 on, got -1"),
        ({"schedule": 7}, "schedule must be a text that is not empty, got 7"),
        ({"schedule": "often"}, "'often' is no disturbance: write 'deliver #3 twice'"),
    ],
)
def test_bad_chaos_is_refused_by_name(body: object, complaint: str) -> None:
    remote = Remote(FakeQStash(chaos_seed=1))

    status, found = remote.post("/chaos", body)

    assert (status, found["error"][: len(complaint)]) == (400, complaint)
    assert remote.get("/chaos")["seed"] == 1
