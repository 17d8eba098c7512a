"""Every option of every method that makes messages: what is read back, and what arrives."""

from typing import Any, Final

import pytest
from qstash import QStash
from qstash.chat import custom, openai
from qstash.message import FlowControlProperties

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, START, arrivals
from tests.clients.python.cases import (
    Attempt,
    Case,
    Report,
    expected_arrivals,
    expected_message,
    expected_schedule,
)
from tests.clients.python.ways import MESSAGES, SCHEDULES, Way

AUDIT: Final = "https://audit.test/done"
ALARM: Final = "https://alarm.test/failed"
BUSY: Final = (503, {"X-Why": "busy"}, "no")

CASES: Final = {
    "nothing": Case(options={}),
    "openai": Case(
        options={"url": None, "api": {"name": "llm", "provider": openai("sk-1")}},
        url="https://api.openai.com/v1/chat/completions",
        headers={"Authorization": ["Bearer sk-1"]},
    ),
    "another provider": Case(
        options={
            "url": None,
            "api": {"name": "llm", "provider": custom("https://llm.test/chat/completions", "t-1")},
        },
        url="https://llm.test/v1/chat/completions",
        headers={"Authorization": ["Bearer t-1"]},
    ),
    "content_type": Case(
        options={"content_type": "text/plain"}, headers={"Content-Type": ["text/plain"]}
    ),
    "method": Case(options={"method": "PUT"}, method="PUT"),
    "headers": Case(
        options={"headers": {"X-Trace": "1", "Upstash-Forward-upstash-x": "2"}},
        headers={"X-Trace": ["1"], "Upstash-X": ["2"]},
    ),
    "retries": Case(
        options={"retries": 1},
        answers=(503, 200),
        retries=1,
        attempts=(Attempt(came_back=503), Attempt(after=12_000)),
    ),
    "retry_delay": Case(
        options={"retry_delay": "1000 * (1 + retried)"},
        answers=(503, 503, 200),
        shown={"retry_delay_expression": "1000 * (1 + retried)"},
        attempts=(
            Attempt(came_back=503),
            Attempt(after=1_000, came_back=503),
            Attempt(after=3_000),
        ),
    ),
    "callback": Case(
        options={"callback": AUDIT},
        answers=(BUSY, 200),
        shown={"callback": AUDIT},
        attempts=(Attempt(came_back=503), Attempt(after=12_000)),
        reports=(
            Report(url=AUDIT, answer_header={"X-Why": ["busy"]}, answer=b"no"),
            Report(url=AUDIT, of=1),
        ),
    ),
    "callback_headers": Case(
        options={
            "callback": AUDIT,
            "callback_headers": {
                "Forward-X-Trace": "1",
                "Upstash-Callback-Method": "PUT",
                "X-Goes-Nowhere": "2",
            },
        },
        shown={"callback": AUDIT, "callback_headers": {"X-Trace": ["1"]}},
        reports=(Report(url=AUDIT, method="PUT", header={"X-Trace": "1"}),),
    ),
    "failure_callback": Case(
        options={"failure_callback": ALARM, "retries": 1},
        answers=(503,),
        retries=1,
        shown={"failure_callback": ALARM},
        attempts=(Attempt(came_back=503), Attempt(after=12_000, came_back=503)),
        reports=(Report(url=ALARM, of=1, dead=True),),
    ),
    "failure_callback_headers": Case(
        options={
            "callback": AUDIT,
            "failure_callback": ALARM,
            "failure_callback_headers": {
                "Forward-X-Trace": "1",
                "Upstash-Failure-Callback-Method": "PUT",
                "X-Goes-Nowhere": "2",
            },
            "retries": 0,
        },
        answers=(503,),
        retries=0,
        shown={
            "callback": AUDIT,
            "failure_callback": ALARM,
            "failure_callback_headers": {"X-Trace": ["1"]},
        },
        attempts=(Attempt(came_back=503),),
        reports=(
            Report(url=AUDIT),
            Report(url=ALARM, method="PUT", header={"X-Trace": "1"}, dead=True),
        ),
    ),
    "delay in seconds": Case(options={"delay": 90}, delay=90_000, in_schedule={"delay": 90}),
    "delay as text": Case(options={"delay": "1m30s"}, delay=90_000, in_schedule={"delay": 90}),
    "not_before": Case(options={"not_before": START // 1000 + 90}, delay=90_000),
    "timeout in seconds": Case(
        options={"timeout": 30, "retries": 0},
        took=40,
        retries=0,
        in_schedule={"timeout": 30_000},
        attempts=(Attempt(came_back="context deadline exceeded"),),
    ),
    "timeout as text": Case(
        options={"timeout": "1m", "retries": 0},
        took=40,
        retries=0,
        in_schedule={"timeout": 60_000},
    ),
    "flow_control by rate": Case(
        options={"flow_control": {"key": "mails", "rate": 2, "period": "1m30s"}},
        shown={"flow_control": FlowControlProperties("mails", None, 2, 90)},
        in_schedule={"flow_control": FlowControlProperties("mails", 0, 2, 90)},
    ),
    "flow_control by both": Case(
        options={"flow_control": {"key": "mails", "parallelism": 3, "rate": 2, "period": 60}},
        shown={"flow_control": FlowControlProperties("mails", 3, 2, 60)},
    ),
    "label": Case(options={"label": "mails"}, shown={"label": "mails"}),
    "redact the body": Case(options={"redact": {"body": True}}, hides_body=True),
    "redact all headers": Case(
        options={"redact": {"header": True}, "headers": {"X-Trace": "1"}},
        headers={"X-Trace": ["1"]},
        hidden=("Content-Type", "X-Trace"),
    ),
    "redact one header": Case(
        options={"redact": {"header": ["X-Secret"]}, "headers": {"X-Trace": "1", "X-Secret": "2"}},
        headers={"X-Trace": ["1"], "X-Secret": ["2"]},
        hidden=("X-Secret",),
    ),
}

LOST: Final = {("message.batch_json", "retry_delay")}
"""What the client takes, and does not send."""


def rows(ways: tuple[Way, ...]) -> list[Any]:
    """Each way with each case whose options it has."""
    return [
        pytest.param(
            way, case, id=f"{way.name}: {name}", marks=pytest.mark.covers(*way.covers(case.options))
        )
        for way in ways
        for name, case in CASES.items()
        if way.takes(case.options) and (way.name, name) not in LOST
    ]


@pytest.fixture
def served(qstash: FakeQStash) -> FakeQStash:
    """The fake with everything that a message or a callback may go to."""
    for origin in ("audit.test", "alarm.test", "api.openai.com", "llm.test"):
        qstash.destination(f"https://{origin}")
    return qstash


@pytest.mark.parametrize(("way", "case"), rows(MESSAGES))
def test_an_option_of_a_message(client: QStash, served: FakeQStash, way: Way, case: Case) -> None:
    served.destination(HOOK).responds(*case.answers, took=case.took)

    response = way.call(client, case.options)
    message = client.message.get(response.message_id)
    served.advance("1h")

    assert response == way.response(message_id=message.message_id, deduplicated=False)
    assert message == expected_message(way, case, message.message_id)
    assert arrivals(served, message=message.message_id) == expected_arrivals(way, case)


@pytest.mark.parametrize(("way", "case"), rows(SCHEDULES))
def test_an_option_of_a_schedule(client: QStash, served: FakeQStash, way: Way, case: Case) -> None:
    served.destination(HOOK).responds(*case.answers, took=case.took)

    schedule_id = way.call(client, case.options)
    schedule = client.schedule.get(schedule_id)
    served.advance("1h")

    assert schedule == expected_schedule(way, case, schedule_id)
    first = served.deliveries.to(HOOK)[0].message_id
    assert arrivals(served, message=first, schedule=schedule_id) == expected_arrivals(
        way, case, {"Upstash-Schedule-Id": "schedule"}
    )


@pytest.mark.covers("message.batch_json(messages.retry_delay)")
def test_the_client_loses_the_retry_delay_of_a_json_batch(
    client: QStash, served: FakeQStash
) -> None:
    (way,) = (way for way in MESSAGES if way.name == "message.batch_json")

    response = way.call(client, {"retry_delay": "1000"})

    message = client.message.get(response.message_id)
    assert message == expected_message(way, CASES["nothing"], message.message_id)
