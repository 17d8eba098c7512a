"""Chaos as a test sees it: settings, what is told, snapshots, branches and new beginnings."""

import pytest

from fakestash import Disturbances, FakeQStash, UsageError
from tests.testing.acts import HOOK, failure, publish

LOST = "the answer 200 is lost, the same request again"


def fake_with(chaos: str = "", chaos_seed: int = 0) -> FakeQStash:
    fake = FakeQStash(chaos=chaos, chaos_seed=chaos_seed)
    fake.destination(HOOK).responds(200)
    return fake


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if " is msg_" not in line]


# --- settings ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [-1, True, 1.0, "1", None])
def test_a_seed_that_is_no_number_is_refused(seed: object) -> None:
    with pytest.raises(UsageError, match=r"^chaos_seed must be a whole number from 0 on, got "):
        FakeQStash(chaos_seed=seed)  # type: ignore[arg-type]  # on purpose


def test_a_number_as_schedule_is_refused() -> None:
    with pytest.raises(UsageError, match=r"got 7; a seed is given as chaos_seed$"):
        FakeQStash(chaos=7)  # type: ignore[arg-type]  # on purpose


def test_a_schedule_and_a_seed_are_refused() -> None:
    with pytest.raises(UsageError) as raised:
        FakeQStash(chaos="deliver #1 twice", chaos_seed=7)

    assert str(raised.value) == (
        "chaos='deliver #1 twice' says all that happens, and chaos_seed=7 would make more: "
        "give one of them"
    )


def test_without_chaos_there_is_nothing() -> None:
    fake = fake_with()
    publish(fake)
    fake.advance(0)

    assert fake.engine.chaos is None
    assert (fake.disturbances, fake.explain_chaos()) == (Disturbances(), "nothing was disturbed")


def test_what_a_seed_did_can_be_given_as_it_is() -> None:
    first = fake_with(chaos_seed=5)
    second = FakeQStash(chaos=first.disturbances)

    assert second.engine.chaos is None
    for _ in range(8):
        publish(first)
    first.run_until_idle()
    again = FakeQStash(chaos=first.disturbances)
    again.destination(HOOK).responds(200)
    for _ in range(8):
        publish(again)
    again.run_until_idle()

    assert len(first.disturbances) > 1
    assert again.timeline() == first.timeline()
    assert again.explain_chaos() == first.explain_chaos()


# --- what is told --------------------------------------------------------------------------


def test_the_timeline_tells_of_it() -> None:
    fake = fake_with("deliver #1 twice, 2 s apart; deliver #2 4 s late; lose the answer to #3")
    for _ in range(3):
        publish(fake)
    fake.run_until_idle()

    assert lines(fake.timeline())[4:] == [
        "  +0 s            #1   ACTIVE",
        f"  +0 s            #1   CHAOS            {LOST} in 2 s",
        "  +0 s            #2   CHAOS            4 s late",
        "  +0 s            #3   ACTIVE",
        "  +0 s            #3   CHAOS            the answer 200 is lost",
        "  +0 s            #3   ERROR            EOF",
        "  +0 s            #3   RETRY            again in 12 s",
        "  +2 s            #1   ACTIVE",
        "  +2 s            #1   DELIVERED",
        "  +4 s            #2   ACTIVE           4 s after it came due",
        "  +4 s            #2   DELIVERED",
        "  +12 s           #3   ACTIVE",
        "  +12 s           #3   DELIVERED",
    ]


def test_the_story_of_a_message_tells_of_it() -> None:
    fake = fake_with("deliver #1 4 s late; deliver #1 twice, 2 s apart")
    message = publish(fake)
    fake.advance("5s")

    told = fake.explain(message).splitlines()[4:]
    fake.run_until_idle()

    assert told == [
        "  +0 s            accepted, due at once",
        "  +0 s            chaos, attempt 1 of 4: 4 s late",
        "  +4 s            attempt 1 of 4 starts, 4 s after it came due",
        f"  +4 s            chaos, attempt 1 of 4: {LOST} in 2 s",
        "  next: attempt 1 of 4 at +6 s (2026-01-01T00:00:06Z), in 1 s",
    ]
    assert fake.explain(message).splitlines()[8:] == [
        "  +6 s            attempt 1 of 4 starts",
        "  +6 s            attempt 1 of 4 is answered 200: delivered",
        "  next: nothing, it is delivered",
    ]


def test_the_account_names_both_calls() -> None:
    fake = fake_with("deliver #1 twice, 2 s apart; lose the answer to #2; deliver #3 1 s late")
    for _ in range(3):
        publish(fake)
    fake.advance("10s")

    assert fake.explain_chaos().splitlines() == [
        "disturbed: deliver #1 twice, 2 s apart; lose the answer to #2; deliver #3 1 s late",
        f"  #1 POST {HOOK}",
        "    qstash.deliveries[0] at 00:00:00, Upstash-Retried 0: its answer 200 was lost",
        (
            "    qstash.deliveries[3] at 00:00:02, Upstash-Retried 0: the second one, for the same "
            "message"
        ),
        f"  #2 POST {HOOK}",
        "    qstash.deliveries[1] at 00:00:00, Upstash-Retried 0: its answer 200 was lost",
        "    the second one has not come yet",
    ]


def test_deliveries_and_reports_know_an_answer_that_was_lost() -> None:
    fake = fake_with("deliver #1 twice")
    publish(fake)
    report = fake.advance(0)

    first, second = fake.deliveries
    assert (first.status, first.error, first.answer_was_lost) == (None, "answer lost", True)
    assert (second.status, second.error, second.answer_was_lost) == (200, None, False)
    assert [each.came_back for each in report.fired] == [None, "200"]
    assert repr(first).endswith("-> answer lost>")


def test_one_that_was_lost_is_not_taken_for_one_to_come() -> None:
    fake = fake_with("deliver #1 twice, 2 s apart")
    publish(fake)
    fake.advance(0)

    told = failure(lambda: fake.assert_delivered(HOOK, times=2))

    assert "attempt 1 at 00:00:00 (answer lost)" in told
    assert 'advance time: qstash.advance("2 s")' in told


def test_what_is_going_to_happen_is_known() -> None:
    fake = fake_with("deliver #1 twice, 2 s apart; deliver #2 4 s late")
    for _ in range(2):
        publish(fake)
    fake.advance(0)

    assert [(each.kind, each.at.second) for each in fake.upcoming("1h")] == [
        ("attempt", 2),
        ("attempt", 4),
    ]


# --- other histories -----------------------------------------------------------------------


def history(fake: FakeQStash) -> tuple[str, str, list[str | None]]:
    return fake.timeline(), fake.explain_chaos(), [each.error for each in fake.deliveries]


def test_a_snapshot_and_a_branch_take_it_along() -> None:
    fake = fake_with(chaos_seed=5)
    for _ in range(6):
        publish(fake)
    fake.advance(0)
    snapshot = fake.snapshot()
    before = history(fake)
    fake.run_until_idle()
    end = history(fake)
    fake.restore(snapshot)

    assert history(fake) == before != end
    with fake.fork() as other:
        other.run_until_idle()
        publish(other)
        assert history(other)[1:] == end[1:]
    assert history(fake) == before
    fake.run_until_idle()
    assert history(fake) == end


def test_an_answer_that_was_lost_in_one_history_is_on_its_way_in_another() -> None:
    fake = fake_with("deliver #1 twice")
    fake.destination(HOOK).responds(200, took="40s")
    publish(fake)
    fake.advance("10s")
    snapshot = fake.snapshot()

    fake.advance("30s")
    assert fake.deliveries[0].answer_was_lost
    fake.restore(snapshot)

    (first,) = fake.deliveries
    assert (first.answer_was_lost, first.error) == (False, None)


def test_a_new_beginning_is_disturbed_alike() -> None:
    fake = fake_with("deliver #1 twice")
    publish(fake)
    fake.advance(0)
    first = history(fake)

    fake.reset()
    assert fake.disturbances == Disturbances()
    publish(fake)
    fake.advance(0)

    assert history(fake) == first


def test_it_is_the_same_in_one_jump_and_in_many_steps() -> None:
    at_once, in_steps = (fake_with(chaos_seed=6) for _ in range(2))
    for fake in (at_once, in_steps):
        for number in range(10):
            publish(fake, delay=number * 700)

    at_once.advance("60s")
    for _ in range(600):
        in_steps.advance("100ms")

    assert len(at_once.disturbances) > 2
    assert history(in_steps) == history(at_once)
