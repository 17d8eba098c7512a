"""Whatever is done by hand among whatever else is asked of the engine: what always holds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.any_use.by_hand import HandPlay, uses_by_hand
from tests.engine.any_use.play import Step


@settings(max_examples=150)
@given(steps=uses_by_hand(40), most_in_flight=st.sampled_from([1, 2, 3, 100]))
def test_no_limit_is_passed_and_nothing_is_lost(steps: list[Step], most_in_flight: int) -> None:
    play = HandPlay(most_in_flight=most_in_flight)

    play.run(steps)

    play.drain()
