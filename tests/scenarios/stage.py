"""Where scenarios are played: destinations that answer by script, and the parts of a fake.

The same on every clock. Whoever plays brings the driver.
"""

from typing import Final

from fakestash.api.app import create_app
from fakestash.clock import Clock
from fakestash.delivery.courier import Courier
from fakestash.delivery.faults import Fault
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import ANY_ORIGIN, Router
from fakestash.delivery.scripted_answers import outcome_of_answer
from fakestash.engine import Engine
from fakestash.ids import Ids
from fakestash.model.outcomes import Outcome
from fakestash.wire.callback_body import callback_body
from fakestash.wire.urls import target
from tests.scenarios.play import Arrival, Script
from tests.scenarios.shape import Args

REGION: Final = "EU-CENTRAL-1"


class Destinations:
    """All destinations there are: they answer 200 until they get a script.

    The last answer of a script repeats.
    """

    needs_loop = False

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._scripts: dict[str, list[int | Args]] = {}

    def follow(self, script: Script) -> None:
        """Answer by this script from now on."""
        self._scripts[script.url] = list(script.answers)

    def call(self, request: OutboundRequest) -> Outcome:
        """Note a delivery and answer it."""
        self.arrivals.append(
            Arrival(
                request.attempt.started_at,
                request.headers["Upstash-Message-Id"],
                request.url,
                request.body,
                request.retried,
                request.method,
                request.headers,
            )
        )
        script: list[int | Args] = self._scripts.get(request.url, [200])
        answer = script[0] if len(script) == 1 else script.pop(0)
        return _outcome(answer, request.url)


def _outcome(answer: int | Args, url: str) -> Outcome:
    if isinstance(answer, int):
        return outcome_of_answer(answer, target(url), 0)
    took = answer.get("took", 0) * 1000
    if "fault" in answer:
        return outcome_of_answer(Fault(answer["fault"]), target(url), took)
    parts = (answer["status"], answer.get("headers"), answer.get("body"))
    return outcome_of_answer(parts, target(url), took)


class Stage:
    """A fake without a driver: its engine, its API, its destinations."""

    def __init__(self, clock: Clock) -> None:
        self.destinations = Destinations()
        self.defects: list[BaseException] = []
        self.engine = Engine(clock=clock, ids=Ids(), callback_body=callback_body)
        self.app = create_app(self.engine, on_defect=self.defects.append)
        router = Router()
        router.add(ANY_ORIGIN, self.destinations)
        self.courier = Courier(router, region=REGION, keep_journal=False)
