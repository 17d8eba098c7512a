"""Clocks: one that stands still, one that runs, and whose seconds are whose."""

import sys
from types import SimpleNamespace

import pytest
from freezegun import freeze_time

from fakestash import clock
from fakestash.clock import (
    FollowedClock,
    PacedClock,
    VirtualClock,
    machine_seconds,
    process_seconds,
    steady_seconds,
)
from fakestash.errors import InternalError

SECOND_NS = 1_000_000_000


class Machine(SimpleNamespace):
    """A machine's time, moved by hand."""

    CLOCK_REALTIME = "realtime"
    CLOCK_MONOTONIC = "monotonic"

    def __init__(self) -> None:
        super().__init__()
        self.elapsed_ns = 123 * SECOND_NS
        self.unix_seconds = 1_767_225_600.75

    def time(self) -> float:
        return self.unix_seconds + 1_000

    def clock_gettime(self, which: str) -> float:
        return {"realtime": self.unix_seconds, "monotonic": self.elapsed_ns / SECOND_NS}[which]

    def monotonic(self) -> float:
        return self.elapsed_ns / SECOND_NS + 0.5

    def monotonic_ns(self) -> int:
        return self.elapsed_ns


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(clock, "time", machine)
    return machine


def test_a_virtual_clock_stands_still() -> None:
    clock = VirtualClock(1_000)

    assert [clock.now(), clock.now()] == [1_000, 1_000]


def test_a_virtual_clock_moves_when_it_is_told() -> None:
    clock = VirtualClock(1_000)

    clock.reach(1_500)
    clock.reach(1_500)

    assert clock.now() == 1_500


def test_a_virtual_clock_refuses_to_go_back_and_stays_where_it_is() -> None:
    clock = VirtualClock(1_000)

    with pytest.raises(InternalError, match=r"^the clock cannot go back from 1000 to 999$"):
        clock.reach(999)

    assert clock.now() == 1_000


def test_a_paced_clock_starts_at_the_machines_time(machine: Machine) -> None:
    assert PacedClock().now() == 1_767_225_600_750


@pytest.mark.parametrize(
    ("rate", "elapsed_ns", "offset"),
    [
        (1.0, 0, 0),
        (1.0, 999_999, 0),
        (1.0, 1_000_000, 1),
        (1.0, SECOND_NS, 1_000),
        (60.0, SECOND_NS, 60_000),
        (0.5, SECOND_NS, 500),
    ],
)
def test_a_paced_clock_runs_at_its_rate(
    machine: Machine, rate: float, elapsed_ns: int, offset: int
) -> None:
    clock = PacedClock(rate, start=5_000)
    machine.elapsed_ns += elapsed_ns

    assert clock.now() == 5_000 + offset


def test_a_paced_clock_does_not_follow_the_machines_time_when_that_is_set(
    machine: Machine,
) -> None:
    clock = PacedClock()
    machine.unix_seconds -= 3_600

    assert clock.now() == 1_767_225_600_750


def test_a_clock_that_runs_is_not_moved_by_hand(machine: Machine) -> None:
    clock = PacedClock(start=5_000)

    clock.reach(9_000)

    assert clock.now() == 5_000


@pytest.mark.parametrize(
    ("rate", "instant", "seconds"), [(1.0, 5_250, 0.25), (60.0, 65_000, 1.0), (1.0, 4_999, 0.0)]
)
def test_a_paced_clock_tells_how_long_to_wait(
    machine: Machine, rate: float, instant: int, seconds: float
) -> None:
    assert PacedClock(rate, start=5_000).real_seconds_until(instant) == seconds


def test_a_change_of_its_rate_makes_a_paced_clock_neither_jump_nor_stop(machine: Machine) -> None:
    clock = PacedClock(60, start=5_000)
    machine.elapsed_ns += SECOND_NS
    shown = [clock.now()]
    for rate in (0.5, 0, 2):
        clock.retime(rate)
        shown.append(clock.now())
        machine.elapsed_ns += SECOND_NS
        shown.append(clock.now())

    assert [each - 5_000 for each in shown] == [
        60_000, 60_000, 60_500, 60_500, 60_500, 60_500, 62_500,
    ]  # fmt: skip
    assert clock.rate == 2


def test_while_it_stands_still_a_paced_clock_is_moved_by_hand(machine: Machine) -> None:
    clock = PacedClock(0, start=5_000)
    clock.reach(9_000)
    clock.reach(6_000)  # what came due while it ran comes late
    machine.elapsed_ns += SECOND_NS

    assert (clock.now(), clock.another().now()) == (9_000, 9_000)
    assert clock.real_seconds_until(9_000) == 0.0
    assert clock.real_seconds_until(9_001) is None
    clock.show(7_000)
    assert clock.now() == 7_000


def test_a_process_sees_its_own_time(machine: Machine) -> None:
    assert process_seconds() == 1_767_226_600


def test_other_processes_see_the_machines_time(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")

    assert machine_seconds() == 1_767_225_600.75


def test_on_windows_the_machines_time_is_what_the_process_sees(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    assert machine_seconds() == 1_767_226_600.75


@pytest.mark.skipif(sys.platform == "win32", reason="there is no POSIX clock call")
def test_frozen_time_is_frozen_for_this_process_only() -> None:
    with freeze_time("2001-02-03T04:05:06.7Z"):
        assert process_seconds() == 981_173_106
        assert machine_seconds() > 1_500_000_000


def test_steady_seconds_do_not_go_back_and_do_not_freeze(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with_a_posix_clock = steady_seconds()
    monkeypatch.setattr(sys, "platform", "win32")

    assert [with_a_posix_clock, steady_seconds()] == [123.0, 123.5]


def test_a_virtual_clock_can_be_put_back() -> None:
    virtual = VirtualClock(1_000)
    virtual.show(400)

    assert virtual.now() == 400


def test_another_clock_shows_the_same_and_is_moved_by_itself() -> None:
    virtual = VirtualClock(1_000)
    other = virtual.another()
    other.reach(2_000)

    assert (virtual.now(), other.now()) == (1_000, 2_000)


def test_another_clock_of_one_that_is_followed_is_followed_too() -> None:
    shown: list[int] = []
    other = FollowedClock(1_000, shown.append).another()
    other.reach(2_000)
    other.show(1_500)

    assert (other.now(), shown) == (1_500, [2_000, 1_500])
