"""Paths and methods: what is where, in which spelling."""

import pytest

from fakestash.api.faults.active import ApiFaults
from fakestash.api.routes import Endpoint, RouteTable
from fakestash.api.service import Service
from fakestash.api.strictness import Strictness
from fakestash.api.table import OURS, TABLE, V1, V2
from tests.api.client import (
    BEARER,
    Api,
    Response,
    error_response,
    json_response,
    response_of,
    run,
    scope_of,
)

KEYS = json_response(
    200,
    '{"current":"sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r","next":"sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs"}',
)


@pytest.mark.fidelity("paths: words in any case, a slash at the end means nothing", "sdk")
@pytest.mark.parametrize("path", ["/v2/keys", "/v2/keys/", "/V2/Keys", "/v2/KEYS/"])
def test_words_match_in_any_case_and_a_slash_behind_means_nothing(path: str) -> None:
    assert Api().call("GET", path) == KEYS


@pytest.mark.parametrize(
    "path",
    [
        "/", "", "*", "//", "/v2", "/v2/", "/v3/keys", "/v2/quota", "//v2/keys", "/v2//keys",
        "/v2/keys//", "/v2/keys/x", "/v2/keysx", "/v2/%6Beys", "/v2/trigger/https://x.test",
        "/v2/workflows/runs/x", "/v2/notify/x", "/v2/enqueue", "/v2/messages//", "/v2/dlq//x",
        "/v2/dlq/retry/a/b", "/v2/topics/g/endpoint", "/v2/flowControl/k/stop", "ftp://x/v2/keys",
        "/v2/messages/a/b", "/v1/workflows", "/v1/tasks", "/v1/dlq",
        "/v1/messages//tasks", "/v2/gr%C3%BCn", "/http://x/v2/keys", "http:/v2/keys",
    ],
)  # fmt: skip
def test_any_other_path_is_not_found(path: str) -> None:
    assert Api().call("GET", path) == error_response(404, f"route not found: GET {path}")


@pytest.mark.parametrize(
    "site", ["http://x", "http://127.0.0.1:8080", "HTTPS://[::1]:80", "http://"]
)
def test_a_target_in_absolute_form_means_the_path_in_it(site: str) -> None:
    assert Api().call("GET", f"{site}/v2/keys") == KEYS
    assert Api().call("GET", f"{site}/v2/quota") == error_response(
        404, "route not found: GET /v2/quota"
    )
    assert Api().call("GET", site) == error_response(404, "route not found: GET ")


def test_the_destination_in_an_absolute_target_is_left_alone() -> None:
    api = Api()

    published = api.call("POST", "http://host/v2/publish/https://x//y/http://z?a=http://b/c")

    assert published.status == 201
    assert [message.command.url for message in api.engine.pending()] == [
        "https://x//y/http://z?a=http://b/c"
    ]


def test_an_unknown_path_is_shown_as_it_came_without_its_query() -> None:
    assert Api().call("PUT", "/v2/a%20b/\xc3\xbc?qstash_token=secret") == error_response(
        404, "route not found: PUT /v2/a%20b/ü"
    )


def test_a_path_is_judged_before_the_caller() -> None:
    assert Api().call("GET", "/v2/nothing", token=None).status == 404
    assert Api().call("PUT", "/v2/keys", token=None).status == 405


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v2/publish/https://shop.test", "POST"),
        ("PUT", "/V2/Publish", "POST"),
        ("GET", "/v2/messages", "DELETE"),
        ("POST", "/v2/messages/", "DELETE"),
        ("PUT", "/v2/messages/x", "GET, HEAD, DELETE"),
        ("POST", "/v2/events", "GET, HEAD"),
        ("POST", "/v2/logs", "GET, HEAD"),
        ("POST", "/v2/dlq", "GET, HEAD, DELETE"),
        ("POST", "/v2/dlq/1-0", "GET, HEAD, DELETE"),
        ("GET", "/v2/dlq/retry", "POST"),
        ("DELETE", "/v2/keys", "GET, HEAD"),
        ("GET", "/v2/keys/rotate", "POST"),
        ("POST", "/v2/readiness", "GET, HEAD"),
        ("PUT", "/v2/batch", "POST"),
        ("PUT", "/v2/queues", "GET, HEAD, POST"),
        ("GET", "/v2/queues/q/pause", "POST"),
        ("POST", "/v2/queues/q", "GET, HEAD, DELETE"),
        ("PUT", "/v2/topics/g", "GET, HEAD, PATCH, DELETE"),
        ("PATCH", "/v2/topics/g/endpoints", "POST, DELETE"),
        ("GET", "/v2/flowControl/k/pin", "POST"),
        ("PUT", "/v2/schedules", "GET, HEAD, POST"),
        ("POST", "/_fakestash/openapi.json", "GET, HEAD"),
        ("PUT", "/v2/schedules/x", "GET, HEAD, POST, DELETE"),
        ("GET", "/v2/schedules/https://shop.test/x", "POST"),
        ("GET", "/v2/schedules/x/pause", "POST, PATCH"),
        ("get", "/v2/keys", "GET, HEAD"),
        ("TRACE", "/v1/topics/x", "GET, HEAD, PUT, DELETE"),
        ("GET", "/v1/publish/t", "POST"),
        ("DELETE", "/v1/messages/", "GET, HEAD"),
        ("PATCH", "/v1/endpoints", "GET, HEAD, POST"),
        ("POST", "/v1/schedules", "GET, HEAD"),
        ("POST", "/v1/schedules/s/tasks", "GET, HEAD"),
        ("GET", "/v1/keys/rotate", "POST"),
        ("POST", "/v1/quota", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_ones_there_are(method: str, path: str, allowed: str) -> None:
    assert Api().call(method, path) == error_response(
        405, f"method not allowed: {method} {path}", ("allow", allowed)
    )


def test_head_is_another_method_where_there_is_no_get() -> None:
    expected = error_response(
        405, "method not allowed: HEAD /v2/publish/https://shop.test", ("allow", "POST")
    )

    assert Api().call("HEAD", "/v2/publish/https://shop.test") == expected._replace(body="")


def test_head_is_answered_like_get_without_a_body() -> None:
    assert Api().call("HEAD", "/v2/keys") == Response(200, KEYS.header, "")
    assert Api().call("HEAD", "/v2/nothing") == Response(
        404, error_response(404, "route not found: HEAD /v2/nothing").header, ""
    )


@pytest.mark.fidelity("GET /v2/readiness", "assumed")
@pytest.mark.fidelity("GET /v2/liveness", "assumed")
@pytest.mark.parametrize("path", ["/v2/readiness", "/v2/liveness", "/v2/Liveness/"])
def test_health_is_told_to_everybody(path: str) -> None:
    healthy = Response(
        200, (("content-length", "2"), ("content-type", "text/plain; charset=utf-8")), "OK"
    )

    assert Api().call("GET", path, token=None) == healthy
    assert Api().call("HEAD", path, token=None) == healthy._replace(body="")


# --- which route a path belongs to ---------------------------------------------------------


def concrete(template: str) -> str:
    """A path of the route, with something in the place of each name."""
    return (
        template.replace("{destination}", "https://shop.test/a//b")
        .replace("{", "")
        .replace("}", "")
    )


ROUTES = [
    (method, template) for template, methods in {**V2, **V1, **OURS}.items() for method in methods
]


@pytest.mark.parametrize(("method", "template"), ROUTES)
def test_every_route_is_found_in_any_case_and_with_a_slash_behind(
    method: str, template: str
) -> None:
    path = concrete(template)
    shouted = path.replace("shop.test/a//b", "SHOP.TEST/A//B").upper()
    endpoint = {**V2, **V1, **OURS}[template][method]

    assert TABLE.find(method, path)[:2] == (endpoint, template)
    assert TABLE.find(method, f"{shouted}/")[:2] == (endpoint, template)


@pytest.mark.parametrize(
    ("method", "path", "template", "arguments"),
    [
        ("POST", "/v2/schedules", "/v2/schedules/{destination}", ("",)),
        ("POST", "/v2/schedules/", "/v2/schedules/{destination}", ("",)),
        ("POST", "/v2/schedules/my-group", "/v2/schedules/{destination}", ("my-group",)),
        ("POST", "/v2/schedules/https://a.b", "/v2/schedules/{destination}", ("https://a.b",)),
        (
            "POST",
            "/v2/schedules/https://a.b/pause",
            "/v2/schedules/{destination}",
            ("https://a.b/pause",),
        ),
        ("POST", "/v2/schedules/x/pause", "/v2/schedules/{id}/pause", ("x",)),
        ("PATCH", "/v2/schedules/x/resume/", "/v2/schedules/{id}/resume", ("x",)),
        ("GET", "/v2/Schedules/x", "/v2/schedules/{id}", ("x",)),
        ("POST", "/v2/enqueue/q", "/v2/enqueue/{queue}/{destination}", ("q", "")),
        ("POST", "/v2/enqueue/q/", "/v2/enqueue/{queue}/{destination}", ("q", "")),
        ("POST", "/v2/enqueue/a%2Eb/g%2E", "/v2/enqueue/{queue}/{destination}", ("a.b", "g%2E")),
        ("DELETE", "/v2/messages/", "/v2/messages", ()),
        ("DELETE", "/v2/dlq/", "/v2/dlq", ()),
        ("POST", "/v2/dlq/retry/", "/v2/dlq/retry", ()),
        ("POST", "/v2/dlq/retry/1-0", "/v2/dlq/retry/{dlqId}", ("1-0",)),
        ("POST", "/v2/flowcontrol/k/resetrate", "/v2/flowControl/{key}/resetRate", ("k",)),
        ("POST", "/v2/flowControl//pause", "/v2/flowControl/{key}/pause", ("",)),
        ("GET", "/v2/flowControl/", "/v2/flowControl", ()),
        ("GET", "/v2/flowControl//", "/v2/flowControl/{key}", ("",)),
        ("GET", "/v2/flowControl/pause", "/v2/flowControl/{key}", ("pause",)),
        ("HEAD", "/v2/queues", "/v2/queues", ()),
        ("POST", "/v1/publish/my-topic", "/v1/publish/{destination}", ("my-topic",)),
        ("POST", "/V1/Publish/https://a.b//c", "/v1/publish/{destination}", ("https://a.b//c",)),
        ("GET", "/v1/Topics/", "/v1/topics", ()),
        ("GET", "/v1/messages/m/Tasks/", "/v1/messages/{id}/tasks", ("m",)),
        ("GET", "/v1/messages/logs", "/v1/messages/{id}", ("logs",)),
        ("POST", "/v1/KEYS/rotate", "/v1/keys/rotate", ()),
    ],
)
def test_which_route_a_path_belongs_to(
    method: str, path: str, template: str, arguments: tuple[str, ...]
) -> None:
    assert TABLE.find(method, path)[1:] == (template, arguments)


# --- what is there --------------------------------------------------------------------------


def test_every_endpoint_of_both_versions_is_there() -> None:
    assert [
        (method, template)
        for template, methods in {**V2, **V1}.items()
        for method, endpoint in methods.items()
        if endpoint.handler is None and endpoint.public is None
    ] == []


def test_an_endpoint_that_is_not_built_yet_says_so_once_the_caller_is_known() -> None:
    api = Api()
    table = RouteTable({"/v2/trigger/{id}": {"POST": Endpoint()}})
    strictness = Strictness(api.engine.clock)
    service = Service(
        api.engine,
        table,
        on_defect=unexpected,
        otherwise=nowhere,
        strictness=strictness,
        faults=ApiFaults(),
    )

    def call(*header: tuple[str, str]) -> Response:
        return response_of(run(service, scope_of("POST", "/v2/trigger/x", header)))

    assert call(BEARER) == error_response(
        501,
        "fakestash does not support POST /v2/trigger/{id} yet: "
        "see the table of differences in its README",
    )
    assert call() == error_response(401, "unable to authenticate: missing token")


async def nowhere(*_: object) -> None:
    raise AssertionError("it was passed on")


def unexpected(defect: Exception) -> None:
    raise AssertionError(defect)


# --- names and mounts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        ("msg_1", "msg_1"),
        ("MSG_1", "MSG_1"),
        ("a%2Fb", "a/b"),
        ("a%252Fb", "a%2Fb"),
        ("a+b", "a+b"),
        ("gr%C3%BCn", "grün"),
        ("gr\xc3\xbcn", "grün"),
        ("%FF", "\ufffd"),
        ("%", "%"),
        ("%22", '"'),
    ],
)
def test_an_id_is_decoded_once_and_keeps_its_case(segment: str, name: str) -> None:
    assert Api().call("GET", f"/v2/messages/{segment}") == error_response(
        404, f"message {name} not found"
    )


def test_a_mounted_service_leaves_out_where_it_is_mounted() -> None:
    api = Api()
    scope = scope_of("GET", "/my%20fake/v2/nothing", root_path="/my fake")

    assert response_of(run(api.app, scope)) == error_response(
        404, "route not found: GET /v2/nothing"
    )
