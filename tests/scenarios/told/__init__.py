"""The scenarios, by what they are about."""

from typing import Final

from tests.scenarios.shape import Scenario
from tests.scenarios.told import (
    accepting,
    callbacks,
    cancelling,
    flow_control,
    groups,
    letters,
    queues,
    retrying,
    schedules,
    showing,
    single,
)

SCENARIOS: Final[tuple[Scenario, ...]] = (
    *single.SCENARIOS,
    *retrying.SCENARIOS,
    *cancelling.SCENARIOS,
    *queues.SCENARIOS,
    *flow_control.SCENARIOS,
    *groups.SCENARIOS,
    *accepting.SCENARIOS,
    *callbacks.SCENARIOS,
    *schedules.SCENARIOS,
    *letters.SCENARIOS,
    *showing.SCENARIOS,
)
