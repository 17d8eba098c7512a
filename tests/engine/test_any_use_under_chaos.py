"""Whatever is asked of the engine and whatever disturbs it: what holds all the same."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from fakestash.engine.chaos import Chaos, Plan, Seeded
from fakestash.syntax.disturbances import Disturbance, DisturbanceKind, Disturbances
from tests.engine.any_use.disturbed import DisturbedPlay
from tests.engine.any_use.play import Play, Step
from tests.engine.any_use.uses import uses

MOST_IN_FLIGHT = st.sampled_from([1, 2, 3, 100])
MOST_STEPS = 40


def _all(kind: DisturbanceKind, millis: int) -> Plan:
    """A plan that does the same to every attempt."""

    class All:
        def find(self, message: int, attempt: int, *, of_the_answer: bool) -> Disturbance | None:
            found = Disturbance(message, attempt, kind, millis)
            return found if found.is_of_the_answer is of_the_answer else None

    return All()


PLANS: st.SearchStrategy[Plan] = st.one_of(
    st.builds(Seeded, st.integers(1, 10_000)),
    st.builds(_all, st.sampled_from(DisturbanceKind), st.sampled_from([1, 500, 1_000, 10_000])),
)


@settings(max_examples=60)
@given(steps=uses(MOST_STEPS), most_in_flight=MOST_IN_FLIGHT, plan=PLANS)
def test_nothing_is_lost_let_through_or_out_of_order_in_a_queue(
    steps: list[Step], most_in_flight: int, plan: Plan
) -> None:
    play = DisturbedPlay(Chaos(plan), most_in_flight)

    play.run(steps)
    play.drain()


class DisturbedInPieces(DisturbedPlay):
    """The same with time that is moved on piece by piece: up to each cut, in thousandths."""

    def __init__(self, chaos: Chaos, most_in_flight: int, cuts: Sequence[int]) -> None:
        super().__init__(chaos, most_in_flight)
        self._cuts = sorted(cuts)

    def move(self, ms: int) -> None:
        since = self.now
        for cut in (*self._cuts, 1_000):
            super().move(since + ms * cut // 1_000 - self.now)


@settings(max_examples=25)
@given(
    steps=uses(MOST_STEPS),
    most_in_flight=MOST_IN_FLIGHT,
    plan=PLANS,
    cuts=st.lists(st.integers(0, 1_000), min_size=1, max_size=8) | st.just(range(1_000)),
)
def test_the_same_is_disturbed_in_one_jump_and_in_a_thousand_steps(
    steps: list[Step], most_in_flight: int, plan: Plan, cuts: Sequence[int]
) -> None:
    at_once = DisturbedPlay(Chaos(plan), most_in_flight)
    in_pieces = DisturbedInPieces(Chaos(plan), most_in_flight, cuts)

    at_once.run(steps)
    in_pieces.run(steps)

    assert in_pieces.happened == at_once.happened
    assert in_pieces.dump() == at_once.dump()


@settings(max_examples=25)
@given(steps=uses(MOST_STEPS), most_in_flight=MOST_IN_FLIGHT, seed=st.integers(1, 10_000))
def test_what_a_seed_did_happens_again_when_its_text_is_given(
    steps: list[Step], most_in_flight: int, seed: int
) -> None:
    seeded = DisturbedPlay(Chaos(Seeded(seed)), most_in_flight)
    seeded.run(steps)

    again = DisturbedPlay(Chaos(Disturbances(str(seeded.happened))), most_in_flight)
    again.run(steps)

    assert again.happened == seeded.happened
    assert again.dump() == seeded.dump()


@settings(max_examples=25)
@given(steps=uses(MOST_STEPS), most_in_flight=MOST_IN_FLIGHT)
def test_without_disturbances_nothing_is_different(steps: list[Step], most_in_flight: int) -> None:
    plain = Play(most_in_flight=most_in_flight)
    calm = Play(most_in_flight=most_in_flight, chaos=Chaos(Disturbances()))

    for play in (plain, calm):
        play.run(steps)

    assert repr(calm.dump()) == repr(plain.dump())
