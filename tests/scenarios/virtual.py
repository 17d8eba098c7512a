"""The stage on a clock that stands still until the scenario moves it."""

from fakestash.clock import VirtualClock
from fakestash.drive.manual import ManualDriver
from fakestash.syntax.moments import datetime_of
from tests.builders import START
from tests.scenarios.faces.face import Face
from tests.scenarios.play import Moment, Script, play
from tests.scenarios.shape import Scenario, Story
from tests.scenarios.stage import Stage


class VirtualStage(Stage):
    """A stage whose clock stands still until the scenario moves it."""

    def __init__(self) -> None:
        super().__init__(VirtualClock(START))
        self.driver = ManualDriver(self.engine, self.courier)

    def perform(self, scenario: Scenario, face: Face) -> Story:
        """Play a scenario."""
        steps = play(scenario, START, self.destinations.arrivals)
        answer: object = None
        while True:
            try:
                asked = steps.send(answer)
            except StopIteration as end:
                story: Story = end.value
                return story
            match asked:
                case Script():
                    self.destinations.follow(asked)
                    answer = None
                case Moment(at):
                    answer = self.driver.advance_to(datetime_of(START + at))
                case call:
                    answer = face.do(call)

    async def perform_async(self, scenario: Scenario, face: Face) -> Story:
        """Play a scenario in an event loop."""
        steps = play(scenario, START, self.destinations.arrivals)
        answer: object = None
        while True:
            try:
                asked = steps.send(answer)
            except StopIteration as end:
                story: Story = end.value
                return story
            match asked:
                case Script():
                    self.destinations.follow(asked)
                    answer = None
                case Moment(at):
                    answer = await self.driver.advance_to_async(datetime_of(START + at))
                case call:
                    answer = await face.do_async(call)
