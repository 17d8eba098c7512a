"""Every error text that can be met over HTTP, once: status and words."""

import json
from dataclasses import replace
from typing import NamedTuple

import pytest

from fakestash.plans import FREE, PAYG, Plan
from tests.api.client import BEARER, READ_ONLY, Api, Header, error_response

URL = "/v2/publish/https://shop.test"
SMALL = replace(
    PAYG,
    max_message_size=5,
    max_topics=1,
    max_endpoints_per_topic=1,
    max_schedules=1,
    max_queues=1,
    max_parallelism=2,
)


class Case(NamedTuple):
    """A request that is refused, and how."""

    status: int
    text: str
    target: str = URL
    header: tuple[Header, ...] = ()
    body: bytes = b""
    method: str = "POST"
    token: Header | None = BEARER
    plan: Plan = PAYG


def header_case(name: str, value: str, text: str, status: int = 400) -> Case:
    """A publish with one header that is refused."""
    return Case(status, text, header=((f"Upstash-{name}", value),))


def flow_case(value: str, reason: str) -> Case:
    """A publish whose flow control is refused."""
    header = (("Upstash-Flow-Control-Key", "k"), ("Upstash-Flow-Control-Value", value))
    return Case(400, f"invalid flow control value: {reason}", header=header)


def name_rule(what: str) -> str:
    return f"{what} can only contain alphanumeric characters, hyphens, periods and underscores"


CRON = ("Upstash-Cron", "0 0 * * *")
CALLBACK = ("Upstash-Callback", "https://shop.test/done")
SCHEME = "endpoint has invalid scheme, add http:// or https://"
NO_DURATION = 'cannot parse duration "soon"'

CALLERS = [
    Case(401, "unable to authenticate: missing token", token=None),
    Case(401, "unable to authenticate: invalid token", token=("Authorization", "Bearer x")),
    Case(403, "read-only token is not allowed to perform this operation", token=READ_ONLY),
]
ROUTES = [
    Case(404, "route not found: POST /v2/nothing", "/v2/nothing"),
    Case(404, "route not found: GET /v2/quota", "/v2/quota", method="GET"),
]
DESTINATIONS = [
    Case(400, "a non-empty destination must be provided", "/v2/publish/"),
    Case(400, f"invalid destination url: {SCHEME}", "/v2/publish/shop.test/x"),
    Case(400, "invalid destination url: api/llm is not supported", "/v2/publish/api/llm"),
    Case(400, 'invalid destination url: cannot parse url "https://"', "/v2/publish/https://"),
    Case(404, "topic g not found", "/v2/publish/g"),
]
HEADERS = [
    header_case("Delay", "soon", f"invalid delay: {NO_DURATION}"),
    header_case(
        "Not-Before", "soon", 'invalid not before: expected a unix timestamp in seconds, got "soon"'
    ),
    header_case("Timeout", "soon", f"invalid timeout: {NO_DURATION}"),
    header_case("Retries", "-1", 'invalid retries: expected a non-negative integer, got "-1"'),
    header_case(
        "Method",
        "TRACE",
        'invalid method: expected one of GET, POST, PUT, PATCH, DELETE, got "TRACE"',
    ),
    header_case("Deduplication-Id", "a:b", "DeduplicationId cannot contain ':'"),
    header_case("Deduplication-Id", "x" * 513, "invalid deduplication id"),
    header_case(
        "Content-Based-Deduplication",
        "maybe",
        'invalid content based deduplication: expected a boolean, got "maybe"',
    ),
    header_case(
        "Header-Forward", "maybe", 'invalid header forward: expected a boolean, got "maybe"'
    ),
    header_case("Queue-Name", "a b", name_rule("queue name")),
    header_case(
        "Flow-Control-Key", "k", "flow control value is required when flow control key is set"
    ),
    header_case(
        "Flow-Control-Value",
        "rate=1",
        "flow control key is required when flow control value is set",
    ),
    flow_case("fast", 'expected key=value, got "fast"'),
    flow_case("speed=1", 'unknown key "speed"'),
    flow_case("parallelism=0", "parallelism must be a positive integer"),
    flow_case("rate=x", "rate must be a positive integer"),
    flow_case("rate=1,period=0", "period must be a positive duration"),
    flow_case("rate=1,period=8d", "period cannot exceed 604800 seconds"),
    flow_case("period=1m", "at least one of parallelism or rate must be provided"),
    header_case(
        "Retry-Delay", "1 $", 'invalid retry delay expression: unexpected token "$" at position 3'
    ),
    header_case("Retry-Delay", "x", 'invalid retry delay expression: unknown identifier "x"'),
    header_case("Retry-Delay", "f(1)", 'invalid retry delay expression: unknown function "f"'),
    header_case(
        "Retry-Delay",
        "pow(1)",
        "invalid retry delay expression: wrong number of arguments for pow",
    ),
    header_case(
        "Retry-Delay", "1" * 1001, "invalid retry delay expression: expression is too long"
    ),
    header_case("Label", "\x01", "invalid label: control characters are not allowed"),
    header_case("Label", "x" * 257, "invalid label: a label can have at most 256 characters"),
    header_case(
        "Label",
        ",".join(str(number) for number in range(33)),
        "invalid label: at most 32 labels are allowed",
    ),
    header_case("Redact-Fields", "url", 'invalid redact fields: unknown field "url"'),
    header_case("Callback", "shop.test", f"invalid callback url: {SCHEME}"),
    header_case("Failure-Callback", "shop.test", f"invalid failure callback url: {SCHEME}"),
    Case(
        400,
        "delayed callbacks are not supported",
        header=(CALLBACK, ("Upstash-Callback-Delay", "1m")),
    ),
    Case(
        400,
        "delay is not supported for queues",
        header=(("Upstash-Queue-Name", "q"), ("Upstash-Delay", "1m")),
    ),
    Case(400, name_rule("schedule id"), header=(CRON, ("Upstash-Schedule-Id", "a b"))),
    Case(400, "Invalid cron expression empty spec string", "/v2/schedules/https://shop.test"),
    header_case("Cron", "@every 1m", "Invalid cron expression unrecognized descriptor: @every 1m"),
]
BODIES = [
    Case(400, "invalid json body", "/v2/batch", body=b"["),
    Case(400, "invalid body: expected a json array", "/v2/batch", body=b"{}"),
    Case(400, "invalid body: expected a json object", "/v2/queues", body=b"[]"),
    Case(400, 'invalid body: field "queueName" is required', "/v2/queues", body=b"{}"),
    Case(
        400,
        'invalid body: field "queueName" must be a string',
        "/v2/queues",
        body=b'{"queueName":[]}',
    ),
    Case(
        400,
        'invalid body: field "parallelism" must be greater than 0',
        "/v2/queues",
        body=b'{"queueName":"q","parallelism":-1}',
    ),
    Case(
        400,
        'invalid body: field "endpoints" must not be empty',
        "/v2/topics/g/endpoints",
        body=b'{"endpoints":[]}',
    ),
    Case(
        400,
        name_rule("topic name"),
        "/v2/topics/a%20b/endpoints",
        body=b'{"endpoints":[{"url":"https://shop.test"}]}',
    ),
]
QUOTAS = [
    header_case("Delay", "366d", "quota maxDelay exceeded, current limit: 31536000", 412),
    header_case("Retries", "6", "quota maxRetries exceeded, current limit: 5", 412),
    header_case("Timeout", "7201", "quota maxTimeout exceeded, current limit: 7200", 412),
    Case(412, "quota maxMessageSize exceeded, current limit: 5", body=b"123456", plan=SMALL),
    Case(
        412,
        "quota maxParallelism exceeded, current limit: 2",
        "/v2/queues",
        body=b'{"queueName":"here","parallelism":3}',
        plan=SMALL,
    ),
    Case(
        412,
        "quota maxQueues exceeded, current limit: 1",
        "/v2/queues",
        body=b'{"queueName":"new"}',
        plan=SMALL,
    ),
    Case(
        412,
        "quota maxQueues exceeded, current limit: 1",
        "/v2/enqueue/new/https://shop.test",
        plan=SMALL,
    ),
    Case(
        412,
        "quota maxSchedules exceeded, current limit: 1",
        "/v2/schedules/https://shop.test",
        (CRON,),
        plan=SMALL,
    ),
    Case(
        412,
        "quota maxTopics exceeded, current limit: 1",
        "/v2/topics/new/endpoints",
        body=b'{"endpoints":[{"url":"https://shop.test"}]}',
        plan=SMALL,
    ),
    Case(
        412,
        "quota maxEndpointsPerTopic exceeded, current limit: 1",
        "/v2/topics/here/endpoints",
        body=b'{"endpoints":[{"url":"https://other.test"}]}',
        plan=SMALL,
    ),
]
MISSING = [
    Case(404, "message msg_x not found", "/v2/messages/msg_x", method="GET"),
    Case(404, "schedule x not found", "/v2/schedules/x", method="GET"),
    Case(404, "queue x not found", "/v2/queues/x", method="GET"),
    Case(404, "topic x not found", "/v2/topics/x", method="GET"),
    Case(404, "dlq message x not found", "/v2/dlq/x", method="GET"),
    Case(404, "some messages were not found in the dlq", "/v2/dlq/retry?dlqIds=x"),
    Case(404, "flow control key x not found", "/v2/flowControl/x", method="GET"),
]
LISTS = [
    Case(400, "unknown query parameter: x", "/v2/dlq?x=1", method="DELETE"),
    Case(
        400,
        'invalid count: expected an integer between 1 and 1000, got "x"',
        "/v2/logs?count=x",
        method="GET",
    ),
    Case(400, "invalid order: x", "/v2/logs?order=x", method="GET"),
    Case(400, "invalid state: x", "/v2/logs?state=x", method="GET"),
    Case(400, "invalid groupBy: x", "/v2/logs?groupBy=x", method="GET"),
    Case(400, "invalid cursor: x", "/v2/logs?cursor=x", method="GET"),
    Case(
        400,
        'invalid trimBody: expected an integer, got "x"',
        "/v2/logs?trimBody=x",
        method="GET",
    ),
    Case(
        400,
        'invalid responseStatus: expected an integer, got "x"',
        "/v2/dlq?responseStatus=x",
        method="GET",
    ),
    Case(400, "flow control key is required", "/v2/flowControl//pause"),
    Case(
        400,
        'invalid period: expected a positive integer, got "x"',
        "/v2/flowControl/k/pin?rate=1&period=x",
    ),
    Case(400, "at least one of parallelism or rate must be provided", "/v2/flowControl/k/pin"),
]


@pytest.mark.fidelity('refusals: `{"error": ...}` as compact JSON', "measured")
@pytest.mark.fidelity(
    "refusals: the wording of those that nobody has quoted",
    "assumed",
    verdict="approximate",
    here="decided here, in `fakestash/refusals.py`: rather compare statuses",
)
@pytest.mark.parametrize(
    "case",
    [*CALLERS, *ROUTES, *DESTINATIONS, *HEADERS, *BODIES, *QUOTAS, *MISSING, *LISTS],
    ids=lambda case: case.text[:60],
)
def test_what_is_refused_says_why_and_changes_nothing(case: Case) -> None:
    api = Api(plan=case.plan)
    endpoints = {"endpoints": [{"url": "https://shop.test"}]}
    api.has("POST", "/v2/queues", {"queueName": "here"})
    api.has("POST", "/v2/topics/here/endpoints", endpoints)
    api.has("POST", "/v2/schedules/https://shop.test", None, CRON)
    before = api.state()

    response = api.call(case.method, case.target, *case.header, body=case.body, token=case.token)

    assert response == error_response(case.status, case.text)
    assert api.state() == before


@pytest.mark.fidelity("refusals: the name and the limit of a quota that is exceeded", "measured")
def test_the_free_plan_refuses_what_others_allow() -> None:
    response = Api(plan=FREE).call("POST", URL, ("Upstash-Delay", "8d"))

    assert response == error_response(412, "quota maxDelay exceeded, current limit: 604800")


# --- order of checks -----------------------------------------------------------------------

ONE_A_DAY = replace(FREE, messages_per_day=1)


def test_a_publish_is_refused_for_the_first_of_many_reasons() -> None:
    full, api = Api(plan=ONE_A_DAY), Api()
    full.publish()
    wrong = ("Upstash-Retries", "x")
    too_many = ("Upstash-Retries", "6")
    group = "/v2/publish/g"

    assert [
        (response.status, json.loads(response.body)["error"])
        for response in (
            full.call("GET", "/v2/publis/g", wrong, token=None),
            full.call("GET", group, wrong, token=None),
            full.call("POST", group, wrong, token=None),
            full.call("POST", group, wrong, token=("Authorization", "Bearer x")),
            full.call("POST", group, wrong, token=READ_ONLY),
            full.call("POST", group, wrong),
            api.call("POST", group, wrong),
            api.call("POST", "/v2/publish/a/b", wrong),
            api.call("POST", "/v2/schedules/a/b"),
            api.call("POST", group, too_many),
            api.call("POST", "/v2/publish/a/b", too_many),
            api.call("POST", "/v2/schedules/g", too_many, CRON),
            api.call("POST", "/v2/publish/https://shop.test", too_many),
        )
    ] == [
        (404, "route not found: GET /v2/publis/g"),
        (405, "method not allowed: GET /v2/publish/g"),
        (401, "unable to authenticate: missing token"),
        (401, "unable to authenticate: invalid token"),
        (403, "read-only token is not allowed to perform this operation"),
        (429, "exceeded daily rate limit"),
        (400, 'invalid retries: expected a non-negative integer, got "x"'),
        (400, 'invalid retries: expected a non-negative integer, got "x"'),
        (400, "Invalid cron expression empty spec string"),
        (404, "topic g not found"),
        (400, f"invalid destination url: {SCHEME}"),
        (404, "topic g not found"),
        (412, "quota maxRetries exceeded, current limit: 5"),
    ]


def test_a_retry_is_refused_for_the_first_of_many_reasons() -> None:
    full, api = Api(plan=replace(ONE_A_DAY, calls_per_second=1)), Api()
    busy = Api(plan=replace(PAYG, calls_per_second=1))
    full.publish()
    for one in (full, busy):
        one.read("/v2/keys")
    wrong = ("Upstash-Retries", "x")
    retry = "/v2/dlq/retry?dlqIds=x"

    assert [
        (response.status, json.loads(response.body)["error"])
        for response in (
            full.call("POST", retry, wrong, body=b"{"),
            busy.call("POST", retry, wrong, body=b"{"),
            api.call("POST", retry, wrong, body=b"{"),
            api.call("POST", retry, wrong),
            api.call("POST", retry),
        )
    ] == [
        (429, "exceeded daily rate limit"),
        (429, "exceeded burst rate limit"),
        (400, "invalid json body"),
        (400, 'invalid retries: expected a non-negative integer, got "x"'),
        (404, "some messages were not found in the dlq"),
    ]
