"""Steps with all that is around messages: queues, keys, groups, schedules; and with time."""

from dataclasses import dataclass
from typing import Final

from fakestash.model.queries import Pin
from fakestash.model.resources import Endpoint, EndpointRef
from fakestash.model.settings import CronSettings
from fakestash.syntax import cron
from tests.builders import USER
from tests.engine.any_use.play import SHOP, Fires, Play, Step
from tests.engine.any_use.sending import Ask

# --- queues ------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetQueue:
    """Make or change a queue."""

    name: str
    parallelism: int
    paused: bool = False

    def do(self, play: Play) -> None:
        play.engine.queues.upsert(USER, self.name, self.parallelism, self.paused)
        line = play.listener.line(self.name)
        line.parallelism, line.paused = self.parallelism, self.paused


@dataclass(frozen=True)
class PauseQueue:
    """Pause or resume a queue."""

    name: str
    paused: bool = True

    def do(self, play: Play) -> None:
        line = play.listener.lines.get(self.name)
        queues = play.engine.queues
        with play.refused_unless(line is not None):
            (queues.pause if self.paused else queues.resume)(USER, self.name)
        if line is not None:
            line.paused = self.paused


@dataclass(frozen=True)
class DeleteQueue:
    """Delete a queue, and cancel its messages with it."""

    name: str

    def do(self, play: Play) -> None:
        play.engine.queues.delete(USER, self.name)
        line = play.listener.lines.pop(self.name, None)
        if line is not None:
            assert all(each.asked or each.end is not None for each in line.members)


# --- flow control ------------------------------------------------------------------------


@dataclass(frozen=True)
class PauseKey:
    """Pause or resume a key."""

    name: str
    paused: bool = True

    def do(self, play: Play) -> None:
        control = play.engine.flow_control
        (control.pause if self.paused else control.resume)(USER, self.name)
        play.listener.key(self.name).paused = self.paused


@dataclass(frozen=True)
class PinKey:
    """Pin limits of a key."""

    name: str
    pin: Pin

    def do(self, play: Play) -> None:
        play.engine.flow_control.pin(USER, self.name, self.pin)
        play.listener.key(self.name).pin(self.pin, play.now)


@dataclass(frozen=True)
class UnpinKey:
    """Unpin limits of a key."""

    name: str
    parallelism: bool
    rate: bool

    def do(self, play: Play) -> None:
        play.engine.flow_control.unpin(USER, self.name, self.parallelism, self.rate)
        key = play.listener.key(self.name)
        key.pinned_parallelism = key.pinned_parallelism and not self.parallelism
        key.pinned_rate = key.pinned_rate and not self.rate


@dataclass(frozen=True)
class ResetKey:
    """Start a new period of a key; ``wholly`` forgets its attempts in flight, too."""

    name: str
    wholly: bool = False

    def do(self, play: Play) -> None:
        control = play.engine.flow_control
        (control.reset if self.wholly else control.reset_rate)(USER, self.name)
        key = play.listener.key(self.name)
        key.started_at, key.count = play.now, 0
        if self.wholly:
            key.in_flight.clear()


# --- groups ------------------------------------------------------------------------------


@dataclass(frozen=True)
class AddEndpoints:
    """Add endpoints to a group."""

    name: str
    to: tuple[str, ...]

    def do(self, play: Play) -> None:
        play.expect_firings()
        play.engine.url_groups.add_endpoints(
            USER, self.name, tuple(Endpoint(SHOP + each) for each in self.to)
        )
        urls = play.groups.setdefault(self.name, [])
        urls += dict.fromkeys(SHOP + each for each in self.to if SHOP + each not in urls)


@dataclass(frozen=True)
class RemoveEndpoint:
    """Remove an endpoint from a group; ``to`` None removes the group."""

    name: str
    to: str | None = None

    def do(self, play: Play) -> None:
        play.expect_firings()
        groups = play.engine.url_groups
        if self.to is None:
            groups.delete(USER, self.name)
            play.groups.pop(self.name, None)
            return
        url = SHOP + self.to
        with play.refused_unless(self.name in play.groups):
            groups.remove_endpoints(USER, self.name, (EndpointRef(url=url),))
        left = [each for each in play.groups.pop(self.name, []) if each != url]
        if left:
            play.groups[self.name] = left


# --- schedules, keys, time ---------------------------------------------------------------


CRONS: Final = {20: "*/20 * * * *", 60: "0 * * * *"}
"""Expressions by their minutes. The start is a full hour."""


@dataclass(frozen=True)
class MakeSchedule:
    """Make or overwrite a schedule."""

    name: str
    minutes: int
    ask: Ask

    def do(self, play: Play) -> None:
        play.expect_firings()
        request = self.ask.request()._replace(
            deduplication_id=None,
            is_content_deduplicated=False,
            cron=CronSettings(cron.parse(CRONS[self.minutes]), self.name),
        )
        is_there = self.ask.urls(play) is not None
        with play.refused_unless(is_there):
            assert play.engine.schedules.create(USER, request) == self.name
        if is_there:
            every = self.minutes * 60_000
            there = play.schedules.get(self.name)
            play.schedules[self.name] = Fires(
                every,
                self.ask.urls,
                next_at=play.now // every * every + every,
                paused=there is not None and there.paused,
            )


@dataclass(frozen=True)
class PauseSchedule:
    """Pause or resume a schedule."""

    name: str
    paused: bool = True

    def do(self, play: Play) -> None:
        play.expect_firings()
        schedules = play.engine.schedules
        with play.refused_unless(self.name in play.schedules):
            (schedules.pause if self.paused else schedules.resume)(USER, self.name)
        if self.name in play.schedules:
            play.schedules[self.name].paused = self.paused


@dataclass(frozen=True)
class DeleteSchedule:
    """Delete a schedule."""

    name: str

    def do(self, play: Play) -> None:
        play.expect_firings()
        play.engine.schedules.delete(USER, self.name)
        play.schedules.pop(self.name, None)


@dataclass(frozen=True)
class RotateKeys:
    """Rotate the signing keys."""

    def do(self, play: Play) -> None:
        before = play.engine.signing_keys(USER)
        after = play.engine.rotate_signing_keys(USER)
        assert after.current == before.next
        assert after.next not in before
        play.signing_key = after.current


@dataclass(frozen=True)
class During:
    """Have the destination of the next delivery do something before it answers."""

    step: Step

    def do(self, play: Play) -> None:
        play.during.append(self.step)


@dataclass(frozen=True)
class Advance:
    """Move time on by so many ms."""

    ms: int

    def do(self, play: Play) -> None:
        until = play.now + self.ms
        play.move(self.ms)
        assert play.now == until
        timer = play.engine.next_timer()
        assert timer is None or timer[0] > until


@dataclass(frozen=True)
class Next:
    """Let the next thing happen."""

    def do(self, play: Play) -> None:
        timer = play.engine.next_timer()
        before = play.now
        report = play.next()
        if report.fired:
            assert [each.at for each in report.fired] == [report.ended_at]
        else:  # what has just been changed comes to nothing
            assert timer is None or timer[0] == play.now == before
