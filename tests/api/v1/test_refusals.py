"""What each route refuses: a clear answer, and nothing has changed."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from fakestash.api.table import V1
from fakestash.plans import FREE, PAYG, Plan
from tests.api.client import (
    READ_ONLY,
    SOMEBODY_ELSE,
    Api,
    Header,
    Response,
    error_response,
)
from tests.api.v1.client import URL, make, publish, topic
from tests.builders import DAY

LITTLE = replace(PAYG, max_message_size=5, max_topics=2, max_endpoints_per_topic=1, max_schedules=1)
ROUTES = [(method, template) for template, methods in V1.items() for method in methods]
WITHOUT_INPUT = {("GET", "/v1/keys"), ("POST", "/v1/keys/rotate"), ("GET", "/v1/quota")}

NO_JSON = "invalid json body"
NO_OBJECT = "invalid body: expected a json object"
SCHEME = "invalid destination url: endpoint has invalid scheme, add http:// or https://"
NO_URL = "a non-empty destination must be provided"
NAME_RULE = "topic name can only contain alphanumeric characters, hyphens, periods and underscores"


class Case(NamedTuple):
    """A call that is refused, and how. ``path`` is put in the place of the route's part."""

    method: str
    template: str
    status: int
    text: str
    path: str = ""
    body: bytes = b""
    header: tuple[Header, ...] = ()
    plan: Plan = PAYG

    @property
    def target(self) -> str:
        start, part, rest = self.template.partition("{id}")
        return f"{start}{self.path}{rest}" if part else f"{start.partition('{')[0]}{self.path}"


def publish_case(status: int, text: str, path: str = URL, *header: Header) -> Case:
    """A publish that is refused for its destination or a header."""
    return Case("POST", "/v1/publish/{destination}", status, text, path, header=header)


def body_cases(method: str, template: str, path: str = "") -> list[Case]:
    """What every JSON body is refused for."""
    shapes = [(b"", NO_JSON), (b"{", NO_JSON), (b"\xff", NO_JSON), (b"[]", NO_OBJECT)]
    return [Case(method, template, 400, text, path, body) for body, text in shapes]


def field_case(
    method: str, template: str, body: str, text: str, *, status: int = 400, path: str = ""
) -> Case:
    """A JSON body that is refused for one of its fields."""
    return Case(method, template, status, text, path, body.encode())


def cursor_cases(template: str, path: str = "") -> list[Case]:
    """What every list is refused for."""
    queries = [
        ("cursor=x", "invalid cursor: x"),
        ("cursor=-1", "invalid cursor: -1"),
        ("cursor=1.5", "invalid cursor: 1.5"),
        ("cursor=1-0", "invalid cursor: 1-0"),
        ("count=1", "unknown query parameter: count"),
        ("Cursor=1", "unknown query parameter: Cursor"),
    ]
    return [Case("GET", f"{template}?{query}", 400, text, path) for query, text in queries]


def missing(method: str, template: str, what: str, body: str = "") -> Case:
    """What is named in the path is not there."""
    return Case(method, template, 404, f"{what} x not found", "x", body.encode())


PUBLISH = [
    publish_case(400, NO_URL, ""),
    publish_case(400, SCHEME, "shop.test/x"),
    publish_case(400, SCHEME, "https%3A%2F%2Fshop.test"),
    publish_case(400, 'invalid destination url: cannot parse url "https://"', "https://"),
    publish_case(400, "invalid destination url: api/llm is not supported", "api/llm"),
    publish_case(404, "topic x not found", "x"),
    publish_case(404, "topic tpc_x not found", "tpc_x"),
    publish_case(
        400,
        'invalid retries: expected a non-negative integer, got "x"',
        URL,
        ("Upstash-Retries", "x"),
    ),
    publish_case(400, 'invalid delay: cannot parse duration "x"', URL, ("Upstash-Delay", "x")),
    publish_case(
        400,
        'invalid not before: expected a unix timestamp in seconds, got "x"',
        URL,
        ("Upstash-Not-Before", "x"),
    ),
    publish_case(
        400,
        'invalid method: expected one of GET, POST, PUT, PATCH, DELETE, got "x"',
        URL,
        ("Upstash-Method", "x"),
    ),
    publish_case(
        400,
        "invalid callback url: endpoint has invalid scheme, add http:// or https://",
        URL,
        ("Upstash-Callback", "x"),
    ),
    publish_case(
        400,
        'invalid content based deduplication: expected a boolean, got "x"',
        URL,
        ("Upstash-Content-Based-Deduplication", "x"),
    ),
    publish_case(
        400,
        "Invalid cron expression expected exactly 5 fields, found 1: [x]",
        URL,
        ("Upstash-Cron", "x"),
    ),
    publish_case(404, "topic x not found", "x", ("Upstash-Cron", "* * * * *")),
    publish_case(412, "quota maxRetries exceeded, current limit: 5", URL, ("Upstash-Retries", "6")),
    publish_case(
        412, "quota maxDelay exceeded, current limit: 31536000", URL, ("Upstash-Delay", "366d")
    ),
    publish_case(412, "quota maxMessageSize exceeded, current limit: 5")._replace(
        body=b"123456", plan=LITTLE
    ),
]

ENDPOINTS = [
    Case("GET", "/v1/endpoints?cursor=1", 400, "unknown query parameter: cursor"),
    missing("GET", "/v1/endpoints/{id}", "endpoint"),
    missing("DELETE", "/v1/endpoints/{id}", "endpoint"),
    missing("PUT", "/v1/endpoints/{id}", "endpoint", '{"url":"https://a.test"}'),
    *body_cases("PUT", "/v1/endpoints/{id}", "x"),
    *(
        field_case("PUT", "/v1/endpoints/{id}", body, text, path="x")
        for body, text in (
            ("{}", 'invalid body: field "url" is required'),
            ('{"url":1}', 'invalid body: field "url" must be a string'),
            ('{"url":""}', NO_URL),
            ('{"url":"a"}', SCHEME),
        )
    ),
    *body_cases("POST", "/v1/endpoints"),
    *(
        field_case("POST", "/v1/endpoints", body, text)
        for body, text in (
            ("{}", 'invalid body: field "url" is required'),
            ('{"url":"a","topicName":"a"}', SCHEME),
            ('{"url":"https://a.test"}', 'invalid body: field "topicId" is required'),
            ('{"url":"https://a.test","topicId":""}', 'invalid body: field "topicId" is required'),
            (
                '{"url":"https://a.test","topicId":1}',
                'invalid body: field "topicId" must be a string',
            ),
            (
                '{"url":"https://a.test","topicName":[]}',
                'invalid body: field "topicName" must be a string',
            ),
        )
    ),
    field_case(
        "POST",
        "/v1/endpoints",
        '{"url":"https://a.test","topicName":"x"}',
        "topic x not found",
        status=404,
    ),
    field_case(
        "POST",
        "/v1/endpoints",
        '{"url":"https://a.test","topicId":"a"}',
        "topic a not found",
        status=404,
    ),
    field_case(
        "POST",
        "/v1/endpoints",
        '{"url":"https://a.test","topicName":"a"}',
        "quota maxEndpointsPerTopic exceeded, current limit: 1",
        status=412,
    )._replace(plan=LITTLE),
]

TOPICS = [
    Case("GET", "/v1/topics?x", 400, "unknown query parameter: x"),
    missing("GET", "/v1/topics/{id}", "topic"),
    missing("DELETE", "/v1/topics/{id}", "topic"),
    missing("PUT", "/v1/topics/{id}", "topic", '{"name":"a"}'),
    *(
        case
        for method, template, path in (
            ("POST", "/v1/topics", ""),
            ("PUT", "/v1/topics/{id}", "a"),
        )
        for case in (
            *body_cases(method, template, path),
            *(
                field_case(method, template, body, text, path=path)
                for body, text in (
                    ("{}", 'invalid body: field "name" is required'),
                    ('{"name":null}', 'invalid body: field "name" is required'),
                    ('{"name":true}', 'invalid body: field "name" must be a string'),
                    ('{"name":""}', NAME_RULE),
                    ('{"name":"a b"}', NAME_RULE),
                    ('{"name":"a/b"}', NAME_RULE),
                )
            ),
            field_case(
                method, template, '{"name":"b"}', "topic b already exists", status=409, path=path
            ),
        )
    ),
    field_case(
        "POST",
        "/v1/topics",
        '{"name":"c"}',
        "quota maxTopics exceeded, current limit: 2",
        status=412,
    )._replace(plan=LITTLE),
]

MESSAGES = [
    *cursor_cases("/v1/messages"),
    missing("GET", "/v1/messages/{id}", "message"),
    missing("DELETE", "/v1/messages/{id}", "message"),
    *(
        case
        for part, what in (
            ("messages/{id}/tasks", "message"),
            ("messages/{id}/logs", "message"),
            ("tasks/{id}/logs", "task"),
            ("schedules/{id}/logs", "schedule"),
            ("schedules/{id}/tasks", "schedule"),
        )
        for case in (missing("GET", f"/v1/{part}", what), *cursor_cases(f"/v1/{part}", "x"))
    ),
    missing("GET", "/v1/tasks/{id}", "task"),
    *(
        Case("GET", "/v1/tasks/{id}", 404, f"task {path} not found", path)
        for path in ("tsk_", "tsk_x", "tsk_" + "0" * 28, "tsk_" + "1" * 28, "msg_" + "1" * 28)
    ),
]

OTHERS = [
    *cursor_cases("/v1/logs"),
    Case("GET", "/v1/events?cursor=x", 400, "invalid cursor: x"),
    Case("GET", "/v1/events?cursor=1", 400, "invalid cursor: 1"),
    Case("GET", "/v1/events?count=1", 400, "unknown query parameter: count"),
    Case("GET", "/v1/events?state=ERROR", 400, "unknown query parameter: state"),
    Case("GET", "/v1/schedules?x=1", 400, "unknown query parameter: x"),
    missing("GET", "/v1/schedules/{id}", "schedule"),
    missing("DELETE", "/v1/schedules/{id}", "schedule"),
]

CASES = [*PUBLISH, *ENDPOINTS, *TOPICS, *MESSAGES, *OTHERS]


def busy(plan: Plan = PAYG) -> Api:
    """A service that has something of everything."""
    api = Api(plan=plan)
    topic(api, "a", "https://one.test")
    make(api, "topics", {"name": "b"})
    publish(api, "a", ("Upstash-Delay", "1h"))
    publish(api, URL, ("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "s"))
    return api


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_refused_with_a_reason_and_changes_nothing(case: Case) -> None:
    api = busy(case.plan)
    before = api.state()

    response = api.call(case.method, case.target, *case.header, body=case.body)

    assert response == error_response(case.status, case.text)
    assert api.state() == before


def test_every_route_that_takes_input_is_among_them() -> None:
    tried = {(case.method, case.template.partition("?")[0]) for case in CASES}

    assert tried | WITHOUT_INPUT == set(ROUTES)
    assert tried.isdisjoint(WITHOUT_INPUT)


def test_a_third_schedule_is_refused_on_the_free_plan() -> None:
    api = Api(plan=replace(FREE, max_schedules=1))
    publish(api, URL, ("Upstash-Cron", "0 0 * * *"))
    before = api.state()

    assert api.call("POST", f"/v1/publish/{URL}", ("Upstash-Cron", "0 0 * * *")) == error_response(
        412, "quota maxSchedules exceeded, current limit: 1"
    )
    assert api.state() == before


# --- callers -------------------------------------------------------------------------------


def path_of(template: str) -> str:
    """A path of the route to something that is there, where that is known."""
    there = {"/v1/topics/{id}": "a", "/v1/schedules/{id}": "s"}
    name = next((name for start, name in there.items() if template.startswith(start)), "x")
    return template.replace("{id}", name).replace("{destination}", "a")


@pytest.mark.parametrize(("method", "template"), ROUTES)
def test_nobody_calls_without_a_token(method: str, template: str) -> None:
    api = busy()
    before = api.state()
    path = path_of(template)
    nobody = ("Authorization", "Bearer x")

    assert api.call(method, path, token=None) == error_response(
        401, "unable to authenticate: missing token"
    )
    assert api.call(method, path, token=nobody) == error_response(
        401, "unable to authenticate: invalid token"
    )
    assert api.state() == before


@pytest.mark.parametrize(("method", "template"), ROUTES)
def test_a_read_only_token_may_look_at_everything_and_change_nothing(
    method: str, template: str
) -> None:
    api = busy()
    before = api.state()

    response = api.call(method, path_of(template), token=READ_ONLY)

    assert (response.status == 403) == (method != "GET")
    assert api.state() == before


@pytest.mark.parametrize(("method", "template"), ROUTES)
def test_words_of_a_path_match_in_any_case_and_a_slash_behind_means_nothing(
    method: str, template: str
) -> None:
    path = path_of(template)
    start, _, rest = template.partition("{")
    rest = rest.partition("}")[2]
    shouted = path.replace(start, start.upper()).removesuffix(rest) + rest.upper() + "/"

    def call(target: str) -> Response:
        return busy().call(method, target, body=b'{"name":"c","url":"https://a.test"}')

    assert call(shouted) == call(path)


# --- limits --------------------------------------------------------------------------------


def test_publishing_counts_for_the_day_and_everything_else_for_the_second() -> None:
    api = Api(plan=replace(FREE, messages_per_day=1, calls_per_second=1))
    publish(api, URL)

    assert api.call("POST", f"/v1/publish/{URL}").status == 429
    assert api.call("GET", "/v1/messages").status == 200
    assert api.call("GET", "/v1/topics").status == 429
    assert api.call("GET", "/v1/topics", token=SOMEBODY_ELSE).status == 200
    api.stage.advance(DAY)
    publish(api, URL)


@pytest.mark.parametrize(("method", "template"), ROUTES)
def test_each_route_has_one_limit_of_the_two(method: str, template: str) -> None:
    limit = "ratelimit-limit" if "publish" in template else "burst-ratelimit-limit"
    api = Api(plan=replace(FREE, messages_per_day=1, calls_per_second=0))
    publish(api, URL)

    response = api.call(method, path_of(template))

    assert (response.status, response.header[2]) == (
        429,
        (limit, "1" if "publish" in template else "0"),
    )


# --- web pages -----------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "template"), ROUTES)
def test_a_page_may_read_every_answer(method: str, template: str) -> None:
    response = busy().call(method, path_of(template), ("Origin", "https://console.test"))

    assert ("access-control-allow-origin", "https://console.test") in response.header
