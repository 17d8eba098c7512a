"""Whatever is asked of the whole engine, in whatever order: what always holds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.any_use.play import Play, Step
from tests.engine.any_use.uses import USES

MOST_IN_FLIGHT = st.sampled_from([1, 2, 3, 100])


@settings(max_examples=int(__import__("os").environ.get("N", "60")))
@given(steps=USES, most_in_flight=MOST_IN_FLIGHT)
def test_whatever_is_done_nothing_is_lost_done_twice_or_let_through_against_the_rules(
    steps: list[Step], most_in_flight: int
) -> None:
    play = Play(most_in_flight=most_in_flight)

    play.run(steps)
    play.drain()
