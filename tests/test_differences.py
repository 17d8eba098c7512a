"""What the fake does differently from the service, or not yet, where no other test says so."""

from fakestash.model.outcomes import Responded
from tests.api.client import Api
from tests.builders import ACTIVE, OK, SECOND, Stage, timeline


def test_hosts_that_the_service_would_refuse_are_accepted() -> None:
    api = Api()

    for host in ("http://localhost:3000", "http://127.0.0.1", "http://[::1]:80", "http://no.such"):
        api.publish(target=f"{host}/hook")


def test_a_date_in_retry_after_is_read_on_the_clock_of_the_fake() -> None:
    stage = Stage(Responded(503, (("Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"),)), OK)
    message = stage.publish()

    stage.advance(30 * SECOND)

    assert [offset for offset, state in timeline(message) if state is ACTIVE] == [0, 30 * SECOND]
