"""Steps by hand: deliver now, answer, hold back, let go, fire. They break no rule either."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, cast

import pytest
from hypothesis import strategies as st

from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded, TimedOut
from tests.builders import USER
from tests.engine.any_use.play import Play, Step
from tests.engine.any_use.told import Told
from tests.engine.any_use.uses import BACK, SCHEDULES, STEPS

FAILURE: Final = Responded(418)


class HandPlay(Play):
    """A play that knows which answers are held back: what they are, and when they would come."""

    def __init__(self, *, most_in_flight: int = 100) -> None:
        super().__init__(most_in_flight=most_in_flight)
        self.kept: dict[tuple[str, int], tuple[int, Outcome]] = {}
        """By the message's id and the number of the attempt."""

    def is_kept(self, told: Told) -> bool:
        """Whether the answer that a message waits for is held back."""
        return told.in_flight and (told.id, told.attempts) in self.kept

    def refuse(self, call: Callable[[], object]) -> None:
        """Try what must be refused, and must change nothing."""
        before = self.dump()
        with pytest.raises(UsageError):
            call()
        assert self.dump() == before


class HandStep(Protocol):
    """Something that is done by hand."""

    def do_by_hand(self, play: HandPlay, /) -> None:
        """Do it."""
        ...


@dataclass(frozen=True)
class Doing:
    """A step by hand as a step like any other."""

    step: HandStep

    def do(self, play: Play) -> None:
        self.step.do_by_hand(cast("HandPlay", play))


def one_of(play: Play, back: int, fits: Callable[[Told], bool]) -> Told | None:
    """A message by its number from the latest back: of those that fit, or else of all."""
    found = [each for each in play.messages if fits(each)] or play.messages
    return found[-1 - back % len(found)] if found else None


@dataclass(frozen=True)
class DeliverNow:
    """Deliver a message before its time, if it waits for that, and whether or not it may."""

    back: int

    def do_by_hand(self, play: HandPlay) -> None:
        play.move(0)  # all that is due has started, or waits for a reason
        told = one_of(play, self.back, lambda each: each.planned > play.now)
        if told is None:
            return
        if not told.can_be_cancelled or told.in_flight or told.planned <= play.now:
            play.refuse(lambda: play.driver.deliver_now(told.id))
            return
        before, planned, attempts = play.dump(), told.planned, told.attempts
        told.planned = play.now
        try:
            play.driver.deliver_now(told.id)
        except UsageError:
            told.planned = planned
            assert play.dump() == before
            assert self._is_hindered(play, told)
        else:
            assert told.attempts == attempts + 1

    def _is_hindered(self, play: HandPlay, told: Told) -> bool:
        """Whether there is any reason not to start."""
        line, key = told.line, told.key
        is_held_up = line is not None and (
            line.paused
            or (
                not told.attempts
                and (line.taken >= line.parallelism or line.first(play.now) is not None)
            )
        )
        waiting = [each for each in play.messages if each.is_held(play.now)]
        return (
            is_held_up
            or (key is not None and not key.is_open(play.now))
            or any(key is not None and each.key is key for each in waiting)
            or len(play.listener.in_flight) >= play.listener.most_in_flight
        )


@dataclass(frozen=True)
class Fail:
    """Have the attempt in flight fail."""

    back: int

    def do_by_hand(self, play: HandPlay) -> None:
        told = one_of(play, self.back, lambda each: each.in_flight)
        if told is None:
            return
        if not told.in_flight:
            play.refuse(lambda: play.engine.hand.answer(told.id, FAILURE))
            return
        play.kept.pop((told.id, told.attempts), None)
        told.answer, told.answer_at = FAILURE, play.now
        play.engine.hand.answer(told.id, FAILURE)
        assert not told.in_flight


@dataclass(frozen=True)
class Keep:
    """Hold back the answer that is on its way."""

    back: int

    def do_by_hand(self, play: HandPlay) -> None:
        told = one_of(play, self.back, lambda each: each.in_flight)
        if told is None:
            return
        if not told.in_flight or play.is_kept(told):
            play.refuse(lambda: play.engine.hand.keep(told.id))
            return
        assert told.answer is not None
        assert told.answer_at is not None
        play.kept[told.id, told.attempts] = (told.answer_at, told.answer)
        told.answer, told.answer_at = TimedOut(), play.engine.hand.keep(told.id)
        limit = told.command.timeout or play.plan.max_timeout * 1_000
        assert told.answer_at == told.started_at + limit


@dataclass(frozen=True)
class LetGo:
    """Let an answer go that is held back."""

    back: int

    def do_by_hand(self, play: HandPlay) -> None:
        told = one_of(play, self.back, play.is_kept)
        if told is None:
            return
        if not play.is_kept(told):
            play.refuse(lambda: play.engine.hand.let_go(told.id))
            return
        at, told.answer = play.kept.pop((told.id, told.attempts))
        told.answer_at = play.engine.hand.let_go(told.id)
        assert told.answer_at == max(at, play.now)


@dataclass(frozen=True)
class FireNow:
    """Fire a schedule."""

    name: str

    def do_by_hand(self, play: HandPlay) -> None:
        play.expect_firings()
        schedule = play.schedules.get(self.name)
        if schedule is None or schedule.paused:
            play.refuse(lambda: play.engine.hand.fire(self.name, USER))
            return
        urls = schedule.urls(play)
        if urls is None:
            with pytest.raises(UsageError):
                play.engine.hand.fire(self.name, USER)
            return
        play.fired += [(self.name, play.now, url) for url in urls]
        made = play.engine.hand.fire(self.name, USER)
        assert made == tuple(each.id for each in play.messages[len(play.messages) - len(urls) :])


BY_HAND: Final[st.SearchStrategy[Step]] = st.builds(
    Doing,
    st.one_of(
        st.builds(DeliverNow, BACK),
        st.builds(DeliverNow, BACK),
        st.builds(Fail, BACK),
        st.builds(Keep, BACK),
        st.builds(LetGo, BACK),
        st.builds(FireNow, SCHEDULES),
    ),
)
_STEPS: Final = st.sampled_from([STEPS, STEPS, BY_HAND]).flatmap(lambda steps: steps)


def uses_by_hand(most: int) -> st.SearchStrategy[list[Step]]:
    """As ``uses``, a third of it by hand."""
    return st.integers(1, most).flatmap(lambda n: st.lists(_STEPS, min_size=n, max_size=n))
