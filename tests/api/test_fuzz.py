"""Whatever is sent: an answer of the service, never a defect, and nothing half done."""

import json

from hypothesis import given
from hypothesis import strategies as st

from fakestash.api.table import V1, V2
from fakestash.ids import task_id_of
from tests.api.client import BEARER, Api, Response, response_of, run, scope_of
from tests.builders import BROKEN, DAY, USER

KEYS = st.sampled_from(
    ["queueName", "parallelism", "paused", "endpoints", "url", "name", "headers", "destination",
     "body", "queue", "messageIds", "dlqIds", "topicName", "callerIP", "fromDate", "scheduleId",
     "topicId"]
)  # fmt: skip
LATIN = st.text(st.characters(max_codepoint=255), max_size=30)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "", "get"])
WORDS = st.sampled_from(
    ["v2", "V1", "v1", "tasks", "quota",
     "publish", "messages", "dlq", "retry", "logs", "events", "keys", "rotate",
     "schedules", "topics", "endpoints", "queues", "pause", "enqueue", "https:", "", "%", "%FF",
     "batch", "flowControl", "globalParallelism", "pin", "resetRate", "resume", "q", "g", "s",
     "https://shop.test", "_fakestash", "openapi.json"]
)  # fmt: skip
PATHS = st.lists(st.one_of(WORDS, LATIN), max_size=6).map(lambda parts: "/" + "/".join(parts))
NAMES = st.sampled_from(
    ["Upstash-Retries", "Upstash-Delay", "Upstash-Not-Before", "Upstash-Timeout", "Upstash-Label",
     "Upstash-Method", "Upstash-Retry-Delay", "Upstash-Header-Forward", "Upstash-Forward-X",
     "Content-Type", "Content-Length", "Upstash-Callback", "X-Plain", "Host", "Origin",
     "Upstash-Cron", "Upstash-Schedule-Id", "Upstash-Queue-Name", "Upstash-Deduplication-Id",
     "Upstash-Content-Based-Deduplication", "Upstash-Flow-Control-Key",
     "Upstash-Flow-Control-Value", "Upstash-Redact-Fields", "Upstash-Failure-Callback",
     "Upstash-Callback-Retries", "Upstash-Callback-Forward-X"]
)  # fmt: skip
HEADERS = st.lists(st.tuples(NAMES, LATIN), max_size=5)
QUERIES = st.one_of(
    LATIN,
    st.lists(
        st.tuples(
            st.sampled_from(
                ["count", "cursor", "order", "state", "fromDate", "label", "upstash-delay",
                 "upstash-forward-%0a", "qstash_token", "url", "host", "dlqIds", "responseStatus",
                 "groupBy", "trimBody", "messageIds", "search", "parallelism", "rate", "period",
                 "topicName", "callerIP", "upstash-cron", "upstash-queue-name"]
            ),
            LATIN,
        ).map("=".join),
        max_size=4,
    ).map("&".join),
)  # fmt: skip
ANSWERS = {200, 201, 202, 204, 400, 401, 404, 405, 409, 412, 413, 501}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | LATIN,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(KEYS | LATIN, values, max_size=5),
    max_leaves=10,
)
BODIES = st.one_of(st.binary(max_size=20), JSON.map(lambda value: json.dumps(value).encode()))
V2_LISTS = ("/v2/queues", "/v2/topics", "/v2/schedules", "/v2/flowControl", "/v2/logs")
V1_LISTS = (
    "/v1/topics",
    "/v1/endpoints",
    "/v1/schedules",
    "/v1/messages",
    "/v1/logs",
    "/v1/events",
)
V1_ROUTES = st.sampled_from([(method, path) for path, methods in V1.items() for method in methods])
READING_BODIES = st.sampled_from(
    [(method, path) for path, methods in {**V2, **V1}.items()
     for method, endpoint in methods.items() if endpoint.reads_body]
)  # fmt: skip


def answer(
    api: Api, method: str, target: str, header: list[tuple[str, str]], body: bytes
) -> Response:
    scope = scope_of(method, target, [BEARER, *header])
    return response_of(run(api.app, scope, {"type": "http.request", "body": body}))


def busy() -> tuple[Api, list[BaseException]]:
    """A service that has something of everything, and the defects that it meets."""
    defects: list[BaseException] = []
    api = Api(BROKEN, on_defect=defects.append)
    flow = (("Upstash-Flow-Control-Key", "k"), ("Upstash-Flow-Control-Value", "rate=5"))
    api.publish(("Upstash-Retries", "0"), *flow)
    api.stage.advance(0)
    api.publish(("Upstash-Delay", "1h"))
    api.has("POST", "/v2/enqueue/q/https://shop.test")
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": [{"url": "https://shop.test"}]})
    cron = (("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "s"))
    api.has("POST", "/v2/schedules/https://shop.test", None, *cron)
    api.has("POST", "/v1/topics", {"name": "t"})
    for target in ("g", "t", "https://shop.test"):
        api.has("POST", f"/v1/publish/{target}", None, ("Upstash-Delay", "1h"))
    return api, defects


def ids(api: Api) -> list[str]:
    """Ids of every kind, as version 1 knows them."""
    engine = api.engine
    ((endpoint, topic),) = engine.topics.endpoints(USER)
    publications = [each.id for each in engine.publications.list(USER).rows]
    tasks = [task_id_of(message.id) for message in engine.pending()]
    return [endpoint.id, topic.id, "g", "t", "s", *publications, *tasks]


@given(METHODS, PATHS, QUERIES, HEADERS, BODIES)
def test_any_request_gets_an_answer_of_the_service(
    method: str, path: str, query: str, header: list[tuple[str, str]], body: bytes
) -> None:
    api, defects = busy()
    before = api.state()

    response = answer(api, method, f"{path}?{query}", header, body)

    assert defects == []
    assert response.status in ANSWERS
    assert (response.status < 400 and method not in ("GET", "HEAD")) or api.state() == before


@given(st.data(), V1_ROUTES, QUERIES, HEADERS, BODIES)
def test_any_request_about_what_is_there_gets_an_answer_of_version_1(
    data: st.DataObject,
    route: tuple[str, str],
    query: str,
    header: list[tuple[str, str]],
    body: bytes,
) -> None:
    method, template = route
    api, defects = busy()
    before = api.state()
    known = data.draw(st.sampled_from(ids(api)))
    path = template.replace("{id}", known).replace("{destination}", known)

    response = answer(api, method, f"{path}?{query}", header, body)
    after = api.state()
    api.stage.advance(2 * DAY)

    assert defects == []
    assert response.status in ANSWERS
    assert (response.status < 400 and method != "GET") or after == before


@given(READING_BODIES, QUERIES, HEADERS, BODIES)
def test_any_body_is_understood_or_refused(
    endpoint: tuple[str, str], query: str, header: list[tuple[str, str]], body: bytes
) -> None:
    method, template = endpoint
    api, defects = busy()
    before = api.state()
    known = ids(api)[0] if template == "/v1/endpoints/{id}" else "g"
    names = {
        "{destination}": "g",
        "{queue}": "q",
        "{name}": "g",
        "{dlqId}": "x",
        "{id}": known,
    }
    for name, value in names.items():
        template = template.replace(name, value)

    response = answer(api, method, f"{template}?{query}", header, body)
    after = api.state()
    shown = [answer(api, "GET", path, [], b"") for path in (*V2_LISTS, *V1_LISTS)]
    api.stage.advance(2 * DAY)

    assert defects == []
    assert response.status in ANSWERS
    assert response.status < 400 or after == before
    assert {listed.status for listed in shown} == {200}


@given(st.sampled_from(["v1", "v2"]), LATIN, QUERIES, HEADERS, st.binary(max_size=20))
def test_any_publish_is_delivered_or_refused(
    version: str, path: str, query: str, header: list[tuple[str, str]], body: bytes
) -> None:
    defects: list[BaseException] = []
    api = Api(on_defect=defects.append)
    before = api.state()

    target = f"/{version}/publish/https://shop.test/{path}?{query}"
    response = answer(api, "POST", target, header, body)
    after = api.state()
    lists = ("/v2/logs", "/v2/dlq", "/v1/messages", "/v1/events")
    shown = [answer(api, "GET", target, [], b"") for target in lists]
    api.stage.advance(400 * DAY)

    assert defects == []
    assert {listed.status for listed in shown} == {200}
    assert (response.status == 201) == (after != before)
    assert [request.body for request in api.stage.destination.requests] == (
        [body] if response.status == 201 else []
    )
    assert all(request.headers for request in api.stage.destination.requests)
