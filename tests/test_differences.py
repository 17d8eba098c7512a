"""What the fake does differently from the service, or not yet, where no other test says so."""

import base64
import json

from fakestash.model.messages import MessageState
from fakestash.model.outcomes import Responded
from tests.api.client import Api, error_response
from tests.builders import ACTIVE, BROKEN, DAY, OK, SECOND, Stage, timeline


def test_the_log_and_dead_letters_are_kept_for_ever() -> None:
    api = Api(BROKEN)
    api.publish(("Upstash-Retries", "0"))

    api.stage.advance(365 * DAY)

    assert api.call("GET", "/v2/dlq").body.count("dlqId") == 1
    assert api.call("GET", "/v2/logs").body.count('"time"') == 4


def test_neither_a_day_nor_a_second_has_a_limit_of_messages() -> None:
    api = Api(OK)

    statuses = {api.call("POST", "/v2/publish/https://shop.test/hook").status for _ in range(1_001)}

    assert statuses == {201}


def test_read_only_tokens_are_unknown() -> None:
    credentials = {"UserID": "defaultUser", "Password": "defaultPasswordReadOnly"}
    token = base64.b64encode(json.dumps(credentials, separators=(",", ":")).encode()).decode()

    response = Api().call("GET", "/v2/keys", token=("Authorization", f"Bearer {token}"))

    assert response == error_response(401, "unable to authenticate: invalid token")


def test_hosts_that_the_service_would_refuse_are_accepted() -> None:
    api = Api()

    for host in ("http://localhost:3000", "http://127.0.0.1", "http://[::1]:80", "http://no.such"):
        api.publish(target=f"{host}/hook")


def test_attempts_on_a_virtual_clock_are_not_limited_in_number() -> None:
    stage = Stage(Responded(200, took=60 * SECOND))
    messages = [stage.publish() for _ in range(101)]

    stage.advance(0)

    assert {message.state for message in messages} == {MessageState.ACTIVE}


def test_a_date_in_retry_after_is_read_on_the_clock_of_the_fake() -> None:
    stage = Stage(Responded(503, (("Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"),)), OK)
    message = stage.publish()

    stage.advance(30 * SECOND)

    assert [offset for offset, state in timeline(message) if state is ACTIVE] == [0, 30 * SECOND]
