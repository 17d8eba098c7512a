"""The scenarios as data: what they may be written as, and that they leave nothing out."""

import json
from itertools import pairwise
from typing import get_args

import pytest

from tests.scenarios.shape import FACES, Kind, Logged, Scenario, Step
from tests.scenarios.told import SCENARIOS
from tests.scenarios.told.words import HOOK, advance, publish

APART = 30_000
"""What must not meet lies so far apart, for the sake of clocks that run."""


def too_close(scenario: Scenario) -> list[tuple[int, Logged]]:
    """Instants at which something is said, and what is logged near them for another reason."""
    at, said = 0, []
    for step, following in pairwise((*scenario.steps, advance(0))):
        if step.kind == "advance":
            at += step.args["ms"]
            if following.kind != "advance":
                said.append(at)
    log = scenario.story.log
    touched = {(line.at, line.message) for line in log}
    return [
        (instant, line)
        for instant in said
        for line in log
        if 0 < abs(line.at - instant) < APART and (instant, line.message) not in touched
    ]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_steps_and_other_events_keep_their_distance(scenario: Scenario) -> None:
    assert too_close(scenario) == []


def test_an_event_shortly_after_a_step_is_too_close_unless_the_step_made_it() -> None:
    scenario = Scenario(
        "close",
        steps=(publish("a"), advance(60_000), publish("b"), advance(60_000)),
        log="""
            0 a CREATED
            60000 b CREATED ACTIVE
            70000 b DELIVERED
            80000 a ACTIVE
        """,
    )

    assert too_close(scenario) == [(60_000, Logged(80_000, "a", "ACTIVE"))]


def test_every_kind_of_step_is_in_some_scenario() -> None:
    assert {step.kind for scenario in SCENARIOS for step in scenario.steps} == set(get_args(Kind))


def test_scenarios_have_names_of_their_own() -> None:
    names = [scenario.name for scenario in SCENARIOS]

    assert sorted(set(names)) == sorted(names)


def test_steps_hold_nothing_that_json_does_not() -> None:
    for scenario in SCENARIOS:
        for step in scenario.steps:
            assert json.loads(json.dumps(dict(step.args))) == step.args


def test_every_scenario_can_be_said_by_some_face() -> None:
    assert [scenario.name for scenario in SCENARIOS if scenario.unsaid.keys() >= set(FACES)] == []


def test_the_log_is_written_in_lines_of_offset_message_and_states() -> None:
    scenario = Scenario("told", steps=(), log='\n  0 a CREATED ACTIVE\n  5 "b 1" CREATED\n')

    assert scenario.story.log == (
        Logged(0, "a", "CREATED"),
        Logged(0, "a", "ACTIVE"),
        Logged(5, "b 1", "CREATED"),
    )


def test_a_step_that_makes_messages_answers_with_their_names_unless_it_says_otherwise() -> None:
    assert publish("a").answer == ["a"]
    assert Step("publish", {"url": HOOK}, ("a",), gives=["a again"]).answer == ["a again"]
    assert Step("cancel", {"of": "a"}).answer is None
