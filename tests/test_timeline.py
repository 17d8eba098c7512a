"""The timeline: what is set comes up once, in the order of (due, set), unless it is cancelled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from fakestash.timeline import Timeline, Timer


def drained(timeline: Timeline, until: int = 2**62) -> list[object]:
    """The events of everything that is due until then, in order."""
    events: list[object] = []
    while (timer := timeline.pop_until(until)) is not None:
        events.append(timer[2])
    return events


def test_a_timer_is_when_it_is_due_its_number_and_its_event() -> None:
    timeline = Timeline()

    assert [timeline.at(20, "b"), timeline.at(10, "a")] == [(20, 1, "b"), (10, 2, "a")]


def test_events_come_up_in_order_of_time() -> None:
    timeline = Timeline()
    for due in (30, 10, 20):
        timeline.at(due, due)

    assert drained(timeline) == [10, 20, 30]


def test_events_of_one_instant_come_up_as_they_were_set() -> None:
    timeline = Timeline()
    for name in ("first", "second", "third"):
        timeline.at(10, name)

    assert drained(timeline) == ["first", "second", "third"]


def test_events_are_never_compared() -> None:
    timeline = Timeline()
    timeline.at(10, object())
    timeline.at(10, object())

    assert len(drained(timeline)) == 2


def test_the_end_is_included_and_what_is_later_stays() -> None:
    timeline = Timeline()
    for due in (9, 10, 11):
        timeline.at(due, due)

    assert (drained(timeline, until=10), len(timeline)) == ([9, 10], 1)


def test_an_empty_timeline_has_nothing() -> None:
    timeline = Timeline()

    assert (len(timeline), timeline.next_timer(), timeline.pop_until(2**62)) == (0, None, None)


def test_looking_at_the_next_timer_leaves_it_there() -> None:
    timeline = Timeline()
    timer = timeline.at(10, "a")

    assert [timeline.next_timer(), timeline.next_timer()] == [timer, timer]
    assert drained(timeline) == ["a"]


def test_a_timer_set_for_the_past_comes_up_after_what_came_up_and_before_the_rest() -> None:
    timeline = Timeline()
    timeline.at(10, "came up")
    timeline.at(10, "of the same instant")
    timeline.at(11, "later")
    timeline.pop_until(10)

    assert timeline.at(3, "late") == (10, 4, "late")
    assert drained(timeline) == ["of the same instant", "late", "later"]


def test_instants_before_1970_are_instants_like_others() -> None:
    timeline = Timeline()
    timeline.at(-5, "b")

    assert timeline.at(-10, "a") == (-10, 2, "a")
    assert drained(timeline, until=-5) == ["a", "b"]


def test_a_cancelled_timer_does_not_come_up() -> None:
    timeline = Timeline()
    timeline.at(10, "a")
    timer = timeline.at(20, "b")
    timeline.at(30, "c")

    assert timeline.cancel(timer) is True
    assert (len(timeline), drained(timeline)) == (2, ["a", "c"])


def test_a_timer_is_cancelled_only_once() -> None:
    timeline = Timeline()
    timer = timeline.at(10, "a")

    assert [timeline.cancel(timer), timeline.cancel(timer)] == [True, False]


def test_a_timer_is_cancelled_only_once_even_when_it_was_skipped_since() -> None:
    timeline = Timeline()
    timer = timeline.at(10, "a")
    timeline.cancel(timer)
    timeline.next_timer()

    assert (timeline.cancel(timer), len(timeline)) == (False, 0)


def test_a_timer_that_came_up_cannot_be_cancelled() -> None:
    timeline = Timeline()
    timer = timeline.at(10, "a")
    timeline.pop_until(10)

    assert timeline.cancel(timer) is False


@pytest.mark.parametrize("cancelled", [64, 65, 1_000])
def test_many_cancelled_timers_are_cleared_away_and_stay_cancelled(cancelled: int) -> None:
    timeline = Timeline()
    kept = [timeline.at(due, due) for due in range(0, 50, 10)]
    gone = [timeline.at(due % 50, "gone") for due in range(cancelled)]

    assert all(timeline.cancel(timer) for timer in gone)
    assert not any(timeline.cancel(timer) for timer in gone)
    assert (len(timeline), drained(timeline)) == (5, [due for due, *_ in kept])


def test_clearing_away_keeps_the_order() -> None:
    timeline = Timeline()
    timers = [timeline.at(number * 7 % 101, number) for number in range(150)]
    kept = timers[::3]
    for number, timer in enumerate(timers):
        if number % 3:
            timeline.cancel(timer)

    assert drained(timeline) == [event for *_, event in sorted(kept)]


def test_what_is_cancelled_does_not_pile_up() -> None:
    timeline = Timeline()
    for due in range(10_000):
        timeline.cancel(timeline.at(due, "gone"))

    assert len(timeline) == 0
    assert len(timeline._near) <= 65  # noqa: SLF001 - memory shows nowhere else


# --- what recurs -----------------------------------------------------------------------------


def test_an_empty_timeline_is_idle() -> None:
    assert Timeline().is_idle


def test_a_timeline_is_idle_when_only_what_recurs_is_to_come() -> None:
    timeline = Timeline()
    timeline.at(10, "cron", is_recurring=True)
    seen = [timeline.is_idle]
    timeline.at(20, "once")
    seen.append(timeline.is_idle)
    for until in (10, 20):
        timeline.pop_until(until)
        seen.append(timeline.is_idle)

    assert seen == [True, False, False, True]


def test_what_recurs_comes_up_like_anything_else() -> None:
    timeline = Timeline()
    timeline.at(20, "once")
    timeline.at(10, "cron", is_recurring=True)
    timeline.at(20, "cron again", is_recurring=True)

    assert timeline.next_timer() == (10, 2, "cron")
    assert drained(timeline) == ["cron", "once", "cron again"]
    assert timeline.is_idle


@pytest.mark.parametrize("is_recurring", [True, False])
def test_a_cancelled_timer_keeps_nobody_from_being_idle(is_recurring: bool) -> None:
    timeline = Timeline()
    timeline.at(10, "cron", is_recurring=True)
    timer = timeline.at(20, "gone", is_recurring=is_recurring)

    timeline.cancel(timer)

    assert (timeline.is_idle, len(timeline)) == (True, 1)
    timeline.at(30, "once")
    assert not timeline.is_idle


# --- any use ---------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.booleans()), max_size=150),
    st.integers(-20, 20),
    st.sampled_from([1, 10, 1_000]),
)
def test_what_was_not_cancelled_comes_up_by_due_and_insertion(
    plan: list[tuple[int, bool]], until: int, many: int
) -> None:
    timeline = Timeline(many, drawer_bits=2)
    timers = [timeline.at(due, place) for place, (due, _) in enumerate(plan)]
    for timer, (_, cancelled) in zip(timers, plan, strict=True):
        if cancelled:
            timeline.cancel(timer)
    expected = sorted((due, place) for place, (due, gone) in enumerate(plan) if not gone)

    assert drained(timeline, until) == [place for due, place in expected if due <= until]
    assert len(timeline) == len([due for due, _ in expected if due > until])


class AnyUse(RuleBasedStateMachine):
    """Whatever is set, cancelled, looked at and taken, in whatever order: like a sorted list."""

    timers = Bundle[Timer]("timers")

    def __init__(self, timeline: Timeline | None = None) -> None:
        super().__init__()
        self.timeline = timeline or Timeline()
        self.waiting: list[Timer] = []
        self.recurring: set[int] = set()
        self.latest_due = -100

    @rule(target=timers, due=st.integers(-100, 100), is_recurring=st.booleans())
    def put(self, due: int, is_recurring: bool) -> Timer:
        timer = self.timeline.at(due, object(), is_recurring=is_recurring)
        assert timer[0] == max(due, self.latest_due)
        self.waiting.append(timer)
        if is_recurring:
            self.recurring.add(timer[1])
        return timer

    @rule(timer=timers)
    def cancel(self, timer: Timer) -> None:
        assert self.timeline.cancel(timer) is (timer in self.waiting)
        self.waiting = [other for other in self.waiting if other is not timer]

    @rule(until=st.integers(-100, 100))
    def take(self, until: int) -> None:
        first = min(self.waiting, default=None, key=lambda timer: timer[:2])
        if first is None or first[0] > until:
            assert self.timeline.pop_until(until) is None
            return
        assert self.timeline.pop_until(until) is first
        self.waiting.remove(first)
        self.latest_due = first[0]

    @rule()
    def look(self) -> None:
        first = min(self.waiting, default=None, key=lambda timer: timer[:2])
        assert self.timeline.next_timer() is first

    @invariant()
    def counts_what_waits(self) -> None:
        assert len(self.timeline) == len(self.waiting)

    @invariant()
    def is_idle_when_all_that_waits_recurs(self) -> None:
        assert self.timeline.is_idle is all(timer[1] in self.recurring for timer in self.waiting)


class AnyUseOfDrawers(AnyUse):
    """The same where few timers are many."""

    def __init__(self) -> None:
        super().__init__(Timeline(many=2, drawer_bits=3))


TestAnyUse = AnyUse.TestCase
TestAnyUse.settings = settings(max_examples=50)
TestAnyUseOfDrawers = AnyUseOfDrawers.TestCase
TestAnyUseOfDrawers.settings = settings(max_examples=100)


@pytest.mark.parametrize("many", [1, 10])
def test_what_is_ahead_is_seen_and_stays(many: int) -> None:
    timeline = Timeline(many, drawer_bits=2)
    timers = [timeline.at(due, due) for due in (30, 10, 20)]
    timeline.cancel(timers[2])

    assert sorted(timeline.ahead(29)) == [timers[1]]
    assert sorted(timeline.ahead(30)) == [timers[1], timers[0]]
    assert drained(timeline) == [10, 30]


@pytest.mark.parametrize("many", [1, 10])
def test_an_event_is_found_by_what_it_is(many: int) -> None:
    timeline = Timeline(many, drawer_bits=2)
    timers = [timeline.at(10, event) for event in ("tea", "milk", "milk")]
    timeline.cancel(timers[1])

    assert timeline.find(lambda event: event == "milk") == timers[2]
    assert timeline.find(lambda event: event == "coffee") is None
    assert drained(timeline) == ["tea", "milk"]


def test_many_timers_lie_in_drawers_until_their_time_comes() -> None:
    timeline = Timeline()
    dues = [number * 7_919 % 3_600_000 for number in range(10_000)]
    for due in dues:
        timeline.at(due, due)

    assert len(timeline._near) < 100  # noqa: SLF001 - it shows in the time it takes, nowhere else
    assert drained(timeline, 1_800_000) == sorted(due for due in dues if due <= 1_800_000)
    timeline.at(1_800_000, "now")
    timeline.at(9_000_000, "late")
    assert timeline.pop_until(1_800_000) == (1_800_000, 10_001, "now")
    assert drained(timeline) == [*sorted(due for due in dues if due > 1_800_000), "late"]
