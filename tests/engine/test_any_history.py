"""Whatever is published, cancelled and answered, in whatever order: what always holds."""

import re

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fakestash.errors import ServiceError
from fakestash.model.messages import ENDED
from tests.builders import USER, Stage
from tests.reference import SCRIPTS, SPANS, Played, Reference, Script

LETTERS = {
    "CREATED": "C",
    "ACTIVE": "A",
    "ERROR": "E",
    "RETRY": "R",
    "DELIVERED": "D",
    "FAILED": "F",
    "CANCEL_REQUESTED": "q",
    "CANCELED": "x",
}
ANY_HISTORY = re.compile("C(AER)*(A|AD|AEF|qx?|Aq|AqD|AqEF|AqERx?)?")
WHOLE_HISTORY = re.compile("C(AER)*(AD|AEF|qx|AqD|AqEF|AqERx)")


class AnyHistory(RuleBasedStateMachine):
    """The engine beside the reference: after every step both tell the same story."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Played()
        self.reference = Reference()
        self.latest = 0

    @rule(script=SCRIPTS)
    def publish(self, script: Script) -> None:
        self.stage.play(script)
        self.reference.publish(script)

    @rule(span=SPANS)
    def advance(self, span: int) -> None:
        self.stage.advance(span)
        self.reference.until(self.reference.now + span)

    @rule()
    def next(self) -> None:
        report = self.stage.driver.next()
        assert len(report.fired) == self.reference.step()

    @rule()
    def run_until_idle(self) -> None:
        self.stage.driver.run_until_idle()
        while self.reference.step():
            pass

    @precondition(lambda self: self.reference.told)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.reference.told) - 1))
        accepted = self.reference.cancel(number)
        message_id = self.ids()[number]
        if accepted:
            self.stage.engine.cancel(USER, message_id, "127.0.0.1")
        else:
            with pytest.raises(ServiceError):
                self.stage.engine.cancel(USER, message_id, "127.0.0.1")

    @precondition(lambda self: self.reference.told)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        told = data.draw(st.sampled_from(self.reference.told))
        ends = [
            at
            for at, state, number in self.reference.story
            if number == told.number and state in ("DELIVERED", "FAILED")
        ]
        gone = told.cancel_asked or (ends and self.reference.now - ends[0] > 1_000)
        message_id = self.ids()[told.number]
        if gone:
            with pytest.raises(ServiceError):
                self.stage.engine.message(USER, message_id)
        else:
            assert self.stage.engine.message(USER, message_id).attempts == told.attempts

    def ids(self) -> list[str]:
        """The ids of all messages in order of acceptance."""
        return list(dict.fromkeys(entry.message.id for entry in self.stage.log()))

    @invariant()
    def the_story_is_the_expected_one(self) -> None:
        assert self.stage.story() == self.reference.story
        assert self.stage.offset == self.reference.now

    @invariant()
    def time_never_goes_back(self) -> None:
        assert self.latest <= self.stage.offset
        self.latest = self.stage.offset

    @invariant()
    def the_log_is_sorted_and_its_ids_are_unique(self) -> None:
        places = [(entry.at, entry.sequence) for entry in self.stage.log()]
        assert places == sorted(set(places))

    @invariant()
    def every_history_is_one_that_can_be(self) -> None:
        for history in histories(self.stage):
            assert ANY_HISTORY.fullmatch(history)

    @invariant()
    def nothing_is_lost_or_done_twice(self) -> None:
        journal = [(each.message_id, each.retried) for each in self.stage.courier.deliveries]
        assert len(journal) == len(set(journal))
        for message_id, told in zip(self.ids(), self.reference.told, strict=True):
            attempts = [number for each, number in journal if each == message_id]
            assert attempts == list(range(told.attempts))
            assert len(attempts) <= told.script.retries + 1

    @invariant()
    def what_failed_is_a_dead_letter_once_and_nothing_else_is(self) -> None:
        letters = self.stage.engine.all_dead_letters(USER)
        failed = [entry for entry in self.stage.log() if entry.state == "FAILED"]
        assert [(each.message, each.at) for each in letters] == [
            (entry.message, entry.at) for entry in failed
        ]
        assert len({letter.dlq_id for letter in letters}) == len(letters)

    def teardown(self) -> None:
        self.run_until_idle()
        self.the_story_is_the_expected_one()
        assert self.stage.engine.next_timer() is None
        assert self.stage.engine.pending() == []
        for history in histories(self.stage):
            assert WHOLE_HISTORY.fullmatch(history)
        for entry in self.stage.log():
            assert entry.message.state in ENDED
            assert entry.message.attempt is None


def histories(stage: Stage) -> list[str]:
    """The history of each message, a letter for each entry."""
    found: dict[str, str] = {}
    for entry in stage.log():
        found[entry.message.id] = found.get(entry.message.id, "") + LETTERS[entry.state]
    return list(found.values())


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=40, stateful_step_count=20)
