"""URL groups over HTTP."""

import pytest

from tests.api.client import EMPTY, SOMEBODY_ELSE, Api, Response, error_response, json_response
from tests.builders import SECOND

ONE = {"url": "https://one.test/hook"}
TWO = {"url": "https://two.test/hook", "name": "second"}
MISSING = error_response(404, "topic g not found")


def group(endpoints: str, name: str = "g", *, updated: int = 0, headers: str = "") -> str:
    return (
        f'{{"createdAt":1767225600000,"updatedAt":{1767225600000 + updated},"name":"{name}",'
        f'"endpoints":[{endpoints}]{headers}}}'
    )


ONE_SHOWN = '{"url":"https://one.test/hook"}'
TWO_SHOWN = '{"name":"second","url":"https://two.test/hook"}'


def with_group(*endpoints: dict[str, str], name: str = "g") -> Api:
    api = Api()
    api.has("POST", f"/v2/topics/{name}/endpoints", {"endpoints": endpoints})
    return api


@pytest.mark.fidelity("GET /v2/topics/{name}", "sdk")
@pytest.mark.fidelity("POST /v2/topics/{name}/endpoints", "sdk")
def test_the_first_endpoint_makes_the_group() -> None:
    api = Api()

    assert api.send("POST", "/v2/topics/g/endpoints", {"endpoints": [ONE, TWO]}) == EMPTY
    assert api.call("GET", "/v2/topics/g") == json_response(200, group(f"{ONE_SHOWN},{TWO_SHOWN}"))


@pytest.mark.fidelity("groups: endpoints are appended, or updated in their place", "sdk")
def test_endpoints_are_appended_or_updated_in_place() -> None:
    api = with_group(TWO, ONE)
    api.stage.advance(SECOND)
    moved = {"url": "https://new.test/hook", "name": "second"}
    third = {"url": "https://three.test"}

    assert api.send("POST", "/v2/Topics/g/Endpoints/", {"endpoints": [moved, third, ONE]}) == EMPTY
    assert api.call("GET", "/v2/topics/g") == json_response(
        200,
        group(
            '{"name":"second","url":"https://new.test/hook"},'
            f'{ONE_SHOWN},{{"url":"https://three.test"}}',
            updated=SECOND,
        ),
    )


@pytest.mark.fidelity("DELETE /v2/topics/{name}/endpoints", "docs")
def test_endpoints_are_removed_by_name_or_url_and_the_last_takes_the_group_along() -> None:
    api = with_group(ONE, TWO, {"url": "https://three.test"})
    path = "/v2/topics/g/endpoints"

    assert api.send("DELETE", path, {"endpoints": [{"name": "second"}, {"name": "x"}]}) == EMPTY
    assert api.send("DELETE", path, {"endpoints": [{"url": "https://three.test"}]}) == EMPTY
    assert api.call("GET", "/v2/topics/g") == json_response(200, group(ONE_SHOWN))
    assert api.send("DELETE", path, {"endpoints": [ONE]}) == EMPTY
    assert api.call("GET", "/v2/topics/g") == MISSING


@pytest.mark.fidelity("GET /v2/topics", "docs")
def test_groups_are_listed_in_order_of_creation() -> None:
    api = with_group(ONE, name="b")
    api.has("POST", "/v2/topics/a/endpoints", {"endpoints": [TWO]})

    assert api.call("GET", "/v2/topics/") == json_response(
        200, f"[{group(ONE_SHOWN, 'b')},{group(TWO_SHOWN, 'a')}]"
    )
    assert api.call("GET", "/v2/topics", token=SOMEBODY_ELSE) == json_response(200, "[]")


@pytest.mark.fidelity("PATCH /v2/topics/{name}", "docs")
def test_default_headers_are_set_and_replaced() -> None:
    api = with_group(ONE)

    def shown() -> Response:
        return api.call("GET", "/v2/topics/g")

    first = {"headers": {"Upstash-Retries": "1", "Upstash-Header-Forward": ["true"]}}
    assert api.send("PATCH", "/v2/topics/g", first) == EMPTY
    assert shown() == json_response(
        200,
        group(
            ONE_SHOWN,
            headers=',"headers":{"Upstash-Retries":["1"],"Upstash-Header-Forward":["true"]}',
        ),
    )
    assert api.send("PATCH", "/v2/topics/g", {"headers": {"Upstash-Delay": "1m"}}) == EMPTY
    assert shown() == json_response(
        200, group(ONE_SHOWN, headers=',"headers":{"Upstash-Delay":["1m"]}')
    )
    assert api.send("PATCH", "/v2/topics/g", {"headers": {}}) == EMPTY
    assert shown() == json_response(200, group(ONE_SHOWN))


@pytest.mark.fidelity("groups: default headers", "docs")
def test_default_headers_count_below_those_of_the_publish() -> None:
    api = with_group(ONE)
    api.has("PATCH", "/v2/topics/g", {"headers": {"Upstash-Retries": "1", "Upstash-Delay": "1m"}})

    api.has("POST", "/v2/publish/g?upstash-delay=2m")
    api.has("POST", "/v2/publish/g", None, ("Upstash-Retries", "2"))

    assert [(one.command.retries, one.command.delay) for one in api.engine.pending()] == [
        (1, 120_000),
        (2, 60_000),
    ]


@pytest.mark.fidelity("DELETE /v2/topics/{name}", "sdk")
def test_a_group_is_deleted_also_if_it_is_not_there_and_its_messages_stay() -> None:
    api = with_group(ONE)
    api.has("POST", "/v2/publish/g")

    assert api.call("DELETE", "/v2/topics/g") == EMPTY
    assert api.call("DELETE", "/v2/topics/g") == EMPTY
    assert api.call("GET", "/v2/topics") == json_response(200, "[]")
    assert len(api.ids()) == 1


@pytest.mark.parametrize(
    ("method", "path", "value"),
    [
        ("GET", "/v2/topics/g", None),
        ("PATCH", "/v2/topics/g", {"headers": {}}),
        ("DELETE", "/v2/topics/g/endpoints", {"endpoints": [ONE]}),
        ("POST", "/v2/publish/g", None),
    ],
)
def test_a_missing_group_is_not_found(method: str, path: str, value: object) -> None:
    api = with_group(ONE, name="other")
    before = api.state()

    assert api.send(method, path, value) == MISSING
    assert api.state() == before


NO_OBJECT = "invalid body: expected a json object"
POST = ("POST", "/v2/topics/g/endpoints")
DELETE = ("DELETE", "/v2/topics/g/endpoints")
PATCH = ("PATCH", "/v2/topics/g")


@pytest.mark.parametrize(
    ("call", "body", "text"),
    [
        *((call, b"{", "invalid json body") for call in (POST, DELETE, PATCH)),
        *((call, b"", "invalid json body") for call in (POST, DELETE, PATCH)),
        *((call, b"[]", NO_OBJECT) for call in (POST, DELETE, PATCH)),
        *((call, b"{}", 'invalid body: field "endpoints" is required') for call in (POST, DELETE)),
        *(
            (call, b'{"endpoints":{}}', 'invalid body: field "endpoints" must be an array')
            for call in (POST, DELETE)
        ),
        (POST, b'{"endpoints":[]}', 'invalid body: field "endpoints" must not be empty'),
        (POST, b'{"endpoints":[{}]}', 'invalid body: field "url" is required'),
        (POST, b'{"endpoints":[{"url":1}]}', 'invalid body: field "url" must be a string'),
        (
            POST,
            b'{"endpoints":[{"url":"https://a.test"},{"url":"a.test"}]}',
            "invalid destination url: endpoint has invalid scheme, add http:// or https://",
        ),
        (
            POST,
            b'{"endpoints":[{"url":"https://a.test","name":1}]}',
            'invalid body: field "name" must be a string',
        ),
        (PATCH, b"{}", 'invalid body: field "headers" is required'),
        (PATCH, b'{"headers":[]}', 'invalid body: field "headers" must be an object'),
    ],
)
def test_a_bad_body_is_refused_and_nothing_happens(
    call: tuple[str, str], body: bytes, text: str
) -> None:
    api = with_group(ONE)
    before = api.state()

    assert api.call(*call, body=body) == error_response(400, text)
    assert api.state() == before


def test_a_bad_name_is_refused_and_nothing_happens() -> None:
    api = Api()
    before = api.state()

    assert api.send("POST", "/v2/topics/a%20b/endpoints", {"endpoints": [ONE]}) == error_response(
        400, "topic name can only contain alphanumeric characters, hyphens, periods and underscores"
    )
    assert api.state() == before


def test_the_list_takes_no_parameters() -> None:
    assert Api().call("GET", "/v2/topics?x=1") == error_response(400, "unknown query parameter: x")
