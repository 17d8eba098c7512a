"""Flow control of the official client: what it reads, and what its settings hold back."""

from dataclasses import replace
from typing import Final

import pytest
from qstash import QStash
from qstash.errors import QStashError
from qstash.flow_control_api import FlowControlInfo, GlobalParallelismInfo
from qstash.message import FlowControl

from fakestash import FakeQStash
from fakestash.delivery.outbound import OutboundRequest
from tests.clients.python.arrivals import HOOK, START

START_S: Final = START // 1000
NEW: Final = FlowControlInfo(
    key="mails",
    wait_list_size=0,
    parallelism_max=0,
    parallelism_count=0,
    rate_max=0,
    rate_count=0,
    rate_period=1,
    rate_period_start=0,
    is_paused=False,
    is_pinned_parallelism=False,
    is_pinned_rate=False,
)
ONE: Final[FlowControl] = {"key": "mails", "parallelism": 1}
LIMITED: Final[FlowControl] = {"key": "mails", "parallelism": 3, "rate": 2, "period": "1m"}


def publish(client: QStash, control: FlowControl = LIMITED, *, times: int = 1) -> None:
    """Publish messages under the key."""
    for _ in range(times):
        client.message.publish(url=HOOK, flow_control=control)


def instants(fake: FakeQStash) -> list[int]:
    """When deliveries were made, in seconds after the start."""
    return [round(delivery.at.timestamp()) - START_S for delivery in fake.deliveries]


@pytest.mark.covers("flow_control.get(flow_control_key)")
def test_a_rate_holds_messages_back_for_a_period(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    publish(client, times=3)
    accepted = client.flow_control.get("mails")

    qstash.advance(0)
    held = client.flow_control.get("mails")
    qstash.advance("1h")

    assert accepted == replace(NEW, parallelism_max=3, rate_max=2, rate_period=60)
    assert held == replace(accepted, wait_list_size=1, rate_count=2, rate_period_start=START_S)
    assert instants(qstash) == [0, 0, 60]
    assert client.flow_control.get("mails") == replace(accepted, rate_period_start=START_S + 60)


@pytest.mark.covers("flow_control.get_global_parallelism()")
def test_an_attempt_in_flight_is_counted(client: QStash, qstash: FakeQStash) -> None:
    seen: list[FlowControlInfo | GlobalParallelismInfo] = []

    def look(_request: OutboundRequest) -> int:
        seen.append(client.flow_control.get("mails"))
        seen.append(client.flow_control.get_global_parallelism())
        return 200

    qstash.destination(HOOK).responds(look)
    publish(client, ONE)

    qstash.advance(0)

    assert seen == [
        replace(
            NEW, parallelism_max=1, parallelism_count=1, rate_count=1, rate_period_start=START_S
        ),
        GlobalParallelismInfo(parallelism_max=100, parallelism_count=1),
    ]
    assert client.flow_control.get_global_parallelism() == GlobalParallelismInfo(100, 0)


@pytest.mark.covers("flow_control.pause(flow_control_key)", "flow_control.resume(flow_control_key)")
def test_nothing_of_a_paused_key_arrives(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    client.flow_control.pause("mails")
    publish(client, ONE)

    qstash.advance(5)
    paused = client.flow_control.get("mails")
    client.flow_control.resume("mails")
    resumed = client.flow_control.get("mails")
    qstash.advance(0)

    assert paused == replace(NEW, parallelism_max=1, wait_list_size=1, is_paused=True)
    assert resumed == replace(paused, is_paused=False)
    assert instants(qstash) == [5]


@pytest.mark.covers(
    "flow_control.pin(flow_control_key, options, options.parallelism, options.rate)",
    "flow_control.pin(options.period)",
)
def test_a_pinned_key_does_not_heed_its_messages(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    client.flow_control.pin("mails", {"parallelism": 7, "rate": 1, "period": 90})
    pinned = client.flow_control.get("mails")

    publish(client, times=2)
    qstash.advance("90s")

    assert pinned == replace(
        NEW,
        parallelism_max=7,
        rate_max=1,
        rate_period=90,
        rate_period_start=START_S,
        is_pinned_parallelism=True,
        is_pinned_rate=True,
    )
    assert client.flow_control.get("mails") == replace(
        pinned, rate_count=1, rate_period_start=START_S + 90
    )
    assert instants(qstash) == [0, 90]


def test_either_limit_is_pinned_by_itself(client: QStash) -> None:
    client.flow_control.pin("mails", {"parallelism": 7})
    publish(client)

    assert client.flow_control.get("mails") == replace(
        NEW,
        parallelism_max=7,
        rate_max=2,
        rate_period=60,
        rate_period_start=START_S,
        is_pinned_parallelism=True,
    )


@pytest.mark.covers(
    "flow_control.unpin(flow_control_key, options, options.parallelism, options.rate)"
)
def test_an_unpinned_limit_is_the_next_message_s(client: QStash) -> None:
    client.flow_control.pin("mails", {"parallelism": 7, "rate": 1, "period": 90})
    pinned = client.flow_control.get("mails")

    client.flow_control.unpin("mails", {"parallelism": True, "rate": False})
    half = client.flow_control.get("mails")
    publish(client)
    brought = client.flow_control.get("mails")
    client.flow_control.unpin("mails", {"rate": True})

    assert half == replace(pinned, is_pinned_parallelism=False)
    assert brought == replace(half, parallelism_max=3)
    assert client.flow_control.get("mails") == replace(brought, is_pinned_rate=False)


@pytest.mark.covers("flow_control.reset_rate(flow_control_key)")
def test_a_reset_rate_lets_the_next_ones_go(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    publish(client, times=3)
    qstash.advance(10)

    client.flow_control.reset_rate("mails")
    reset = client.flow_control.get("mails")
    qstash.advance(0)

    assert reset == replace(
        NEW,
        wait_list_size=1,
        parallelism_max=3,
        rate_max=2,
        rate_period=60,
        rate_period_start=START_S + 10,
    )
    assert instants(qstash) == [0, 0, 10]


def test_a_key_that_nobody_named_is_an_error(client: QStash) -> None:
    with pytest.raises(QStashError) as refused:
        client.flow_control.get("mails")

    assert str(refused.value) == (
        'Request failed with status: 404, body: {"error":"flow control key mails not found"}'
    )
