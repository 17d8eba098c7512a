"""Disturbed deliveries: what destinations see, what the log says, which rules hold all the same."""

from dataclasses import replace
from typing import Final

import pytest

from fakestash.delivery.router import ANY_ORIGIN
from fakestash.engine.chaos import LONGEST_MS, Chaos, Seeded
from fakestash.engine.notes import Disturbed
from fakestash.model.messages import ANSWER_LOST, MessageState
from fakestash.model.outcomes import Responded
from fakestash.model.settings import CallbackSettings, FlowControl
from fakestash.plans import PAYG
from fakestash.syntax.disturbances import Disturbance, DisturbanceKind, Disturbances
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CANCELED,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    HOUR,
    MINUTE,
    OK,
    RETRY,
    SECOND,
    START,
    USER,
    Answer,
    Answers,
    Stage,
    after,
    starts,
    timeline,
)

WAIT: Final = 12 * SECOND
"""Before the first retry."""


def stage_with(text: str, *answers: Answer) -> Stage:
    return Stage(*answers, chaos=Chaos(Disturbances(text)))


def happened(stage: Stage) -> str:
    chaos = stage.engine.chaos
    assert chaos is not None
    return str(chaos.happened())


def notes(stage: Stage) -> list[tuple[int, str]]:
    return [
        (note.at - START, note.about.what)
        for note in stage.engine.stories.notes(USER)
        if isinstance(note.about, Disturbed)
    ]


# --- the same request once more ------------------------------------------------------------


def test_a_request_that_is_made_twice_is_the_same_but_for_its_signature() -> None:
    stage = stage_with("deliver #1 twice, 2 s apart")
    message = stage.publish(body=b"7", headers=(("X-Trace", "abc"),))
    stage.advance(HOUR)

    first, second = stage.destination.requests
    headers = [dict(each.header_items()) for each in (first, second)]
    signatures = [each.pop("Upstash-Signature") for each in headers]
    assert headers[0] == headers[1]
    assert headers[0]["Upstash-Retried"] == "0"
    assert signatures[0] != signatures[1]
    assert (first.body, first.message_id) == (second.body, second.message_id) == (b"7", message.id)


def test_of_a_request_that_is_made_twice_the_log_has_both_starts_and_one_end() -> None:
    stage = stage_with("deliver #1 twice, 2 s apart", OK, Responded(204))
    message = stage.publish()
    stage.advance(HOUR)

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (2_000, ACTIVE), (2_000, DELIVERED)]
    assert message.attempts == 1
    assert notes(stage) == [(0, "the answer 200 is lost, the same request again in 2 s")]
    assert [each.outcome for each in stage.courier.deliveries] == [ANSWER_LOST, Responded(204)]
    assert [each.answer_was_lost for each in stage.courier.deliveries] == [True, False]
    assert happened(stage) == "deliver #1 twice, 2 s apart"


def test_the_second_one_comes_after_what_is_due_then() -> None:
    stage = stage_with("deliver #1 twice")
    for name in ("a", "b"):
        stage.send(name)
    stage.advance(0)

    assert starts(stage) == [(0, "a"), (0, "b"), (0, "a")]
    assert notes(stage) == [(0, "the answer 200 is lost, the same request again at once")]


def test_the_second_one_decides() -> None:
    stage = stage_with("deliver #1 twice, 1 s apart", OK, BROKEN, OK)
    message = stage.publish(retries=1)
    stage.advance(HOUR)

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (1_000, ACTIVE),
        (1_000, ERROR),
        (1_000, RETRY),
        (13_000, ACTIVE),
        (13_000, DELIVERED),
    ]
    assert [each.retried for each in stage.destination.requests] == [0, 0, 1]


def test_a_message_without_retries_may_be_delivered_twice_and_fail_thereby() -> None:
    stage = stage_with("deliver #1 twice", OK, BROKEN)
    message = stage.publish(retries=0)
    stage.advance(0)

    assert message.state is MessageState.FAILED
    assert len(stage.destination.requests) == 2


def test_an_answer_that_takes_its_time_is_lost_when_it_is_there() -> None:
    stage = stage_with("deliver #1 twice, 1 s apart", OK._replace(took=3_000))
    message = stage.publish()
    stage.advance(2 * SECOND)
    assert message.state is MessageState.ACTIVE
    stage.advance(HOUR)

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (4_000, ACTIVE), (7_000, DELIVERED)]
    assert message.entries[-1].duration == 3_000


def test_the_answer_of_a_failure_is_not_lost() -> None:
    stage = stage_with("deliver #1 twice; lose the answer to #2", BROKEN)
    for _ in range(2):
        stage.publish(retries=1)
    stage.advance(HOUR)

    assert len(stage.destination.requests) == 4
    assert happened(stage) == ""


# --- the answer lost on its way ------------------------------------------------------------


def test_an_answer_lost_on_its_way_is_a_closed_connection_and_is_retried() -> None:
    stage = stage_with("lose the answer to #1")
    message = stage.publish()
    stage.advance(HOUR)

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (WAIT, ACTIVE),
        (WAIT, DELIVERED),
    ]
    assert [each.retried for each in stage.destination.requests] == [0, 1]
    first = stage.courier.deliveries[0]
    assert (first.error, first.status, first.answer_was_lost) == ("EOF", None, True)
    assert notes(stage) == [(0, "the answer 200 is lost")]
    assert happened(stage) == "lose the answer to #1"


def test_nobody_is_made_to_fail() -> None:
    stage = stage_with("lose the answer to #1; lose the answer to attempt 2 of #2")
    messages = [stage.publish(retries=retries) for retries in (0, 1)]
    stage.advance(HOUR)

    assert [message.state for message in messages] == [MessageState.DELIVERED] * 2
    assert happened(stage) == ""


def test_a_callback_tells_of_what_the_service_knows() -> None:
    stage = stage_with("lose the answer to #1; deliver #2 twice")
    for name in ("a", "b"):
        stage.send(name, callback=CallbackSettings("https://shop.test/told"))
    stage.advance(HOUR)

    told = [each.json() for each in stage.destination.requests if each.url.endswith("told")]
    assert [(each["status"], each.get("retried", 0)) for each in told] == [
        (0, 0),
        (200, 0),
        (200, 1),
    ]


# --- late, and overtaken -------------------------------------------------------------------


def test_an_attempt_may_start_late() -> None:
    stage = stage_with("deliver #1 4 s late; deliver attempt 2 of #1 1 s late", BROKEN, OK)
    message = stage.publish(delay=SECOND)
    stage.advance(HOUR)

    assert timeline(message) == [
        (0, CREATED),
        (5_000, ACTIVE),
        (5_000, ERROR),
        (5_000, RETRY),
        (18_000, ACTIVE),
        (18_000, DELIVERED),
    ]
    assert notes(stage) == [(1_000, "4 s late"), (17_000, "1 s late")]
    assert happened(stage) == "deliver #1 4 s late; deliver attempt 2 of #1 1 s late"


def test_while_it_is_late_it_is_due_later() -> None:
    stage = stage_with("deliver #1 4 s late")
    message = stage.publish()
    stage.advance(SECOND)

    assert (message.state, message.due_at) == (MessageState.PENDING, START + 4_000)
    (timer,) = stage.engine.forecast.until(START + HOUR, USER)
    assert timer.at == START + 4_000


def test_others_overtake_one_that_is_due_with_them() -> None:
    stage = stage_with("let others overtake #1")
    for name in ("a", "b", "c"):
        stage.send(name)
    stage.advance(0)

    assert starts(stage) == [(0, "b"), (0, "c"), (0, "a")]
    assert notes(stage) == [(0, "overtaken by what is due with it")]
    assert happened(stage) == "let others overtake #1"


def test_nothing_overtakes_where_nothing_is_due() -> None:
    stage = stage_with("let others overtake #1")
    stage.send("a")
    stage.send("b", delay=1)
    stage.advance(HOUR)

    assert starts(stage) == [(0, "a"), (1, "b")]
    assert (notes(stage), happened(stage)) == ([], "")


def test_both_ends_of_an_attempt_may_be_disturbed() -> None:
    stage = stage_with("deliver #1 twice, 2 s apart; deliver #1 4 s late")
    message = stage.publish()
    stage.advance(HOUR)

    assert timeline(message) == [(0, CREATED), (4_000, ACTIVE), (6_000, ACTIVE), (6_000, DELIVERED)]


# --- rules that hold -----------------------------------------------------------------------


def test_in_a_queue_nobody_overtakes_and_who_is_first_may_come_twice() -> None:
    stage = stage_with(
        "deliver #1 4 s late; deliver #2 twice, 2 s apart; let others overtake #2; "
        "lose the answer to #3; deliver attempt 2 of #3 1 s late"
    )
    for name in ("a", "b", "c", "d"):
        stage.send(name, queue="orders")
    stage.advance(HOUR)

    assert starts(stage) == [
        (0, "a"),
        (0, "b"),
        (2_000, "b"),
        (2_000, "c"),
        (15_000, "c"),
        (15_000, "d"),
    ]
    assert happened(stage) == (
        "deliver #2 twice, 2 s apart; lose the answer to #3; deliver attempt 2 of #3 1 s late"
    )


def test_a_second_request_counts_for_the_rate_and_waits_for_it() -> None:
    stage = stage_with("deliver #1 twice")
    limit = FlowControl("tenant", rate=2, period=60)
    for name in ("a", "b", "c"):
        stage.send(name, flow=limit)
    stage.advance(HOUR)

    assert starts(stage) == [(0, "a"), (0, "b"), (MINUTE, "c"), (MINUTE, "a")]


def test_between_the_two_requests_its_place_in_flight_is_free() -> None:
    stage = stage_with("deliver #1 twice, 2 s apart", OK._replace(took=10 * SECOND))
    for name in ("a", "b"):
        stage.send(name, flow=FlowControl("tenant", parallelism=1))
    stage.advance(HOUR)

    assert starts(stage) == [(0, "a"), (10_000, "b"), (20_000, "a")]


def test_the_users_own_limit_wakes_those_who_wait_when_an_answer_is_lost() -> None:
    stage = Stage(
        OK._replace(took=10 * SECOND),
        plan=replace(PAYG, global_parallelism=1),
        chaos=Chaos(Disturbances("deliver #1 twice, 2 s apart")),
    )
    for name in ("a", "b"):
        stage.send(name)
    stage.advance(HOUR)

    assert starts(stage) == [(0, "a"), (10_000, "b"), (20_000, "a")]


def test_one_that_is_being_cancelled_is_left_alone() -> None:
    stage = stage_with("deliver #1 4 s late; deliver #2 twice")
    waits = stage.publish(delay=SECOND)
    stage.router.add(ANY_ORIGIN, Answers(after(lambda _: stage.cancel(runs))))
    runs = stage.publish()
    stage.cancel(waits)
    stage.advance(HOUR)

    assert timeline(waits)[1:] == [(0, CANCEL_REQUESTED), (1_000, CANCELED)]
    assert timeline(runs)[1:] == [(0, ACTIVE), (0, CANCEL_REQUESTED), (0, DELIVERED)]
    assert happened(stage) == ""


def test_one_whose_answer_was_lost_can_be_cancelled() -> None:
    stage = stage_with("deliver #1 twice, 2 s apart")
    message = stage.publish()
    stage.advance(SECOND)
    stage.cancel(message)
    stage.advance(HOUR)

    assert timeline(message)[2:] == [(1_000, CANCEL_REQUESTED), (2_000, CANCELED)]
    assert [each.outcome for each in stage.courier.deliveries] == [ANSWER_LOST]


def test_what_is_started_by_hand_is_not_late() -> None:
    stage = stage_with("deliver #1 4 s late")
    message = stage.publish(delay=HOUR)

    attempt = stage.engine.claim_now(message.id)
    stage.engine.settle(attempt, OK)

    assert timeline(message)[1:] == [(0, ACTIVE), (0, DELIVERED)]


def test_one_that_has_no_retries_left_fails_as_ever() -> None:
    stage = stage_with("lose the answer to #1", OK, BROKEN)
    message = stage.publish(retries=1)
    stage.advance(HOUR)

    assert timeline(message)[-2:] == [(WAIT, ERROR), (WAIT, FAILED)]


# --- numbers, and states that are put back -------------------------------------------------


def test_messages_are_numbered_as_they_are_made_by_whoever_makes_them() -> None:
    stage = stage_with("deliver #2 twice")
    stage.router.add(ANY_ORIGIN, Answers(after(lambda _: stage.send("b")), OK))
    stage.send("a")
    stage.send("c", delay=SECOND)
    stage.advance(HOUR)

    assert starts(stage) == [(0, "a"), (0, "b"), (1_000, "c"), (1_000, "c")]


@pytest.mark.parametrize("at", [0, SECOND, 3 * SECOND])
def test_a_state_that_is_put_back_is_disturbed_alike(at: int) -> None:
    stage = stage_with(
        "deliver #1 twice, 2 s apart; deliver #2 4 s late; deliver #3 twice, 1 s apart",
        OK._replace(took=500),
    )
    for name in ("a", "b"):
        stage.send(name)
    stage.send("c", delay=2 * SECOND)
    stage.advance(at)
    state = stage.engine.states.take(None)
    stage.advance(HOUR)
    ends = [(starts(stage), notes(stage), happened(stage))]

    for _ in range(2):
        stage.engine.states.put_back(state)
        stage.advance(HOUR)
        ends.append((starts(stage), notes(stage), happened(stage)))

    assert ends == [ends[0]] * 3
    assert len(ends[0][1]) == 3


# --- seeds ---------------------------------------------------------------------------------


def all_of(seed: int, messages: int = 40, attempts: int = 3) -> list[Disturbance]:
    plan = Seeded(seed)
    return [
        found
        for message in range(1, messages + 1)
        for attempt in range(1, attempts + 1)
        for end in (False, True)
        if (found := plan.find(message, attempt, of_the_answer=end)) is not None
    ]


def test_the_first_seeds_do_one_thing_to_all_messages() -> None:
    assert [str(each) for each in all_of(1, 2)] == ["deliver #1 twice", "deliver #2 twice"]
    assert [str(each) for each in all_of(2, 2)] == [
        "lose the answer to #1",
        "lose the answer to #2",
    ]
    assert [str(each) for each in all_of(3, 3)] == [
        "let others overtake #1",
        "let others overtake #3",
    ]


def test_what_a_seed_does_is_fixed_for_ever() -> None:
    assert "; ".join(map(str, all_of(4, 8, 2))) == EXPECTED_OF_SEED_4


EXPECTED_OF_SEED_4: Final = (
    "deliver #2 10 s late; deliver #3 twice, 4 s apart; deliver #5 twice, 4 s apart; "
    "lose the answer to #6; let others overtake attempt 2 of #8"
)


def test_every_later_seed_mixes_all_kinds_within_bounds() -> None:
    for seed in range(4, 24):
        found = all_of(seed)
        assert {each.kind for each in found} == set(DisturbanceKind)
        assert max(each.millis for each in found) <= LONGEST_MS
        assert {each.attempt for each in found} == {1, 2, 3}
        assert 10 < sum(each.attempt == 1 for each in found) < 30


def test_seeds_differ() -> None:
    assert len({tuple(all_of(seed)) for seed in range(1, 50)}) == 49


def test_what_happens_to_a_message_does_not_depend_on_others() -> None:
    plan = Seeded(7)
    forwards = [plan.find(n, 1, of_the_answer=True) for n in range(1, 30)]
    backwards = [plan.find(n, 1, of_the_answer=True) for n in range(29, 0, -1)]

    assert forwards == backwards[::-1]
