"""The scenarios through version 1: what is delivered and when is what version 2 delivers.

Where the two differ it is declared.
"""

from dataclasses import replace
from typing import Final, get_args

import pytest

from tests.builders import DAY
from tests.scenarios.faces.face import CannotSayError
from tests.scenarios.faces.http import HttpFace
from tests.scenarios.faces.v1 import PLAYED, UNSAYABLE, UNTOLD, V1Face
from tests.scenarios.shape import Kind, Scenario, Story
from tests.scenarios.told import SCENARIOS
from tests.scenarios.told.words import MINUTE, advance
from tests.scenarios.version_1 import ONE_PUBLICATION, OTHERWISE, retold
from tests.scenarios.virtual import VirtualStage

BY_NAME: Final = {scenario.name: scenario for scenario in SCENARIOS}
SAID: Final = [BY_NAME[name] for name in PLAYED]
UNSAID: Final = [scenario for scenario in SCENARIOS if scenario.name not in PLAYED]


def named(scenario: Scenario) -> str:
    return scenario.name


def by_version_1(scenario: Scenario) -> Story:
    stage = VirtualStage()
    story = stage.perform(scenario, V1Face(stage.app))
    assert stage.defects == []
    return story


def by_version_2(scenario: Scenario) -> Story:
    stage = VirtualStage()
    story = stage.perform(scenario, HttpFace(stage.app))
    assert stage.defects == []
    return story


@pytest.mark.parametrize("scenario", SAID, ids=named)
def test_version_1_tells_what_version_2_does_but_for_what_is_declared(scenario: Scenario) -> None:
    assert by_version_1(scenario) == retold(scenario, by_version_2(scenario))


@pytest.mark.parametrize("scenario", UNSAID, ids=named)
def test_what_is_not_played_fails_at_a_step_of_a_kind_that_cannot_be_said(
    scenario: Scenario,
) -> None:
    with pytest.raises(CannotSayError) as raised:
        by_version_1(scenario)

    kind = str(raised.value).partition(":")[0]
    assert kind in {step.kind for step in scenario.calls} & UNSAYABLE.keys()


def test_the_list_names_each_scenario_that_is_played_once() -> None:
    assert [scenario.name for scenario in SCENARIOS if scenario.name in PLAYED] == list(PLAYED)


def test_a_kind_of_step_can_be_said_or_there_is_a_reason_why_not() -> None:
    kinds = {*get_args(Kind)} - {"script", "advance"}
    said = {kind for kind in kinds if hasattr(V1Face, kind)}

    assert said | UNSAYABLE.keys() == kinds
    assert said & UNSAYABLE.keys() == {"log"}  # which is read, but not in parts


def test_no_kind_of_step_is_called_unsayable_that_no_scenario_ends_at() -> None:
    unsaid = {step.kind for scenario in UNSAID for step in scenario.calls}

    assert UNSAYABLE.keys() - unsaid == set()


# --- the differences -----------------------------------------------------------------------


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_is_declared_to_come_out_otherwise_does(name: str) -> None:
    scenario = BY_NAME[name]
    same = replace(scenario, name="")

    assert retold(scenario, scenario.story) != retold(same, scenario.story)


@pytest.mark.parametrize("name", ONE_PUBLICATION)
def test_what_is_declared_to_be_published_together_is_delivered_under_one_id(name: str) -> None:
    together = {*ONE_PUBLICATION[name], *ONE_PUBLICATION[name].values()}
    (publication,) = set(ONE_PUBLICATION[name].values())
    shown = zip(BY_NAME[name].deliveries, by_version_1(BY_NAME[name]).deliveries, strict=True)

    assert {(old.message, new.message) for old, new in shown if old.message in together} == {
        (one, f"publication of {publication}") for one in together
    }


@pytest.mark.parametrize("kind", UNTOLD)
def test_what_is_not_told_is_asked_for_by_some_scenario(kind: Kind) -> None:
    asked = {
        key
        for scenario in SAID
        for step in scenario.calls
        if step.kind == kind
        for key in step.shows
    }

    assert UNTOLD[kind] - asked == set()


def test_the_same_comes_of_duplicates_where_time_is_stretched_as_their_window_is() -> None:
    scenario = BY_NAME["duplicates-end-with-their-window"]
    stretch = 90 * DAY // (10 * MINUTE)
    steps = [
        advance(step.args["ms"] * stretch) if step.kind == "advance" else step
        for step in scenario.steps
    ]

    story = by_version_1(replace(scenario, steps=tuple(steps)))

    assert story.answers == scenario.story.answers
    assert [(one.at, one.url, one.body) for one in story.deliveries] == [
        (one.at * stretch, one.url, one.body) for one in scenario.deliveries
    ]
