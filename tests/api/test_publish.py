"""Publishing over HTTP: whole responses, and what the engine has afterwards."""

from urllib.parse import unquote

import pytest

from fakestash.api.app import create_app
from fakestash.model.messages import PublishCommand
from fakestash.model.users import PREDEFINED_USERS
from tests.api.client import (
    PEER,
    Api,
    Header,
    Response,
    error_response,
    json_response,
    response_of,
    run,
    scope_of,
)
from tests.builders import Stage

DEFAULTS = PublishCommand("https://shop.test/hook", b"hi", caller_ip=PEER[0])


def commands(api: Api) -> list[PublishCommand]:
    return [message.command for message in api.engine.pending()]


@pytest.mark.fidelity("POST /v2/publish/{destination}", "measured")
def test_a_publish_is_answered_with_the_message_id() -> None:
    api = Api()

    response = api.call("POST", "/v2/publish/https://shop.test/hook", body=b"hi")

    (message,) = api.engine.pending()
    assert response == json_response(201, f'{{"messageId":"{message.id}"}}')
    assert message.id.startswith("msg_7YoJxFpwkEy")
    assert message.command == DEFAULTS


@pytest.mark.fidelity("`Upstash-Method`", "docs")
def test_every_setting_reaches_the_engine() -> None:
    api = Api()
    api.publish(
        ("Content-Type", "text/plain"),
        ("Upstash-Method", "put"),
        ("Upstash-Retries", "1"),
        ("Upstash-Timeout", "30s"),
        ("Upstash-Delay", "1m"),
        ("Upstash-Label", "a, b"),
        ("Upstash-Forward-X-Y", "1"),
        ("Upstash-Telemetry-Sdk", "py-3"),
    )

    assert commands(api) == [
        DEFAULTS._replace(
            method="PUT",
            headers=(("X-Y", "1"), ("Content-Type", "text/plain")),
            retries=1,
            timeout=30_000,
            delay=60_000,
            labels=("a", "b"),
        )
    ]


@pytest.mark.fidelity("destinations: kept byte for byte, `//` and percent-escapes too", "measured")
@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://shop.test", "https://shop.test"),
        ("https://shop.test/", "https://shop.test/"),
        ("http://shop.test//a///b/", "http://shop.test//a///b/"),
        ("https://shop.test/a%2Fb%20c", "https://shop.test/a%2Fb%20c"),
        (
            "https://shop.test/x?a=b&upstash-retries=2&qstash_token=x&c=%2F",
            "https://shop.test/x?a=b&c=%2F",
        ),
        ("https://shop.test?upstash-retries=2", "https://shop.test"),
        ("https://shop.test/x?", "https://shop.test/x"),
        ("https://shop.test/x?next=https://a.test/?y=1", "https://shop.test/x?next=https://a.test/?y=1"),
        ("https://shop.test/https://other.test", "https://shop.test/https://other.test"),
        ("HTTPS://Shop.test:8443/x", "HTTPS://Shop.test:8443/x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("route", ["/v2/publish/", "/V2/Publish/"])
def test_the_destination_is_the_undecoded_rest_of_the_target(
    route: str, target: str, url: str
) -> None:
    api = Api()

    assert api.call("POST", route + target).status == 201
    assert [command.url for command in commands(api)] == [url]


def test_a_server_that_gives_no_undecoded_path_has_it_escaped_again() -> None:
    stage = Stage()
    header = [("Authorization", f"Bearer {PREDEFINED_USERS[0].token}")]
    scope = scope_of("POST", "/v2/publish/https://shop.test/a%20b%3Fc%23d%C3%BC//e?f=g", header)
    del scope["raw_path"]
    event = {"type": "http.request", "body": b"", "more_body": False}

    assert response_of(run(create_app(stage.engine), scope, event)).status == 201
    assert [message.command.url for message in stage.engine.pending()] == [
        "https://shop.test/a%20b%3Fc%23d%C3%BC//e?f=g"
    ]


def test_settings_in_the_query_count_below_headers() -> None:
    api = Api()
    api.publish(
        ("Upstash-Retries", "1"),
        target="https://shop.test/hook?upstash-retries=2&Upstash-Delay=100s&upstash-forward-x=%C3%BC",
    )

    assert commands(api) == [
        DEFAULTS._replace(retries=1, delay=100_000, headers=(("X", "\xc3\xbc"),))
    ]


def test_an_authorization_for_the_destination_can_be_forwarded() -> None:
    api = Api()
    token = PREDEFINED_USERS[0].token.replace("=", "%3D")
    response = api.call(
        "POST",
        f"/v2/publish/https://shop.test/hook?qstash_token={token}",
        ("Upstash-Header-Forward", "true"),
        body=b"hi",
        token=("Authorization", "Basic dTpw"),
    )

    assert response.status == 201
    assert commands(api) == [DEFAULTS._replace(headers=(("Authorization", "Basic dTpw"),))]


def test_our_own_token_is_never_forwarded() -> None:
    api = Api()
    api.publish(("Upstash-Header-Forward", "True"), ("X", "1"))

    assert commands(api) == [DEFAULTS._replace(headers=(("X", "1"),))]


def test_a_caller_without_an_address_is_taken_for_a_local_one() -> None:
    stage = Stage()
    header = [("Authorization", f"Bearer {PREDEFINED_USERS[0].token}")]
    scope = scope_of("POST", "/v2/publish/https://shop.test", header, client=None)
    event = {"type": "http.request"}

    assert response_of(run(create_app(stage.engine), scope, event)).status == 201
    assert [message.command.caller_ip for message in stage.engine.pending()] == ["127.0.0.1"]


@pytest.mark.fidelity("deliveries: `Upstash-Caller-Ip` is the peer of the call", "docs")
def test_what_a_proxy_says_about_the_caller_is_not_believed() -> None:
    api = Api()
    api.publish(("X-Forwarded-For", "1.2.3.4"))

    assert [command.caller_ip for command in commands(api)] == [PEER[0]]


# --- groups and duplicates -----------------------------------------------------------------


def with_group(*urls: str) -> Api:
    api = Api()
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": [{"url": url} for url in urls]})
    return api


@pytest.mark.fidelity("publish: a group is answered with an array in order of its endpoints", "sdk")
@pytest.mark.parametrize("target", ["/v2/publish/g", "/v2/publish/g/"])
def test_a_publish_to_a_group_is_answered_with_an_array(target: str) -> None:
    api = with_group("https://a.test/x?y=z", "https://b.test")

    response = api.call("POST", target, body=b"hi")

    first, second = api.ids()
    assert response == json_response(
        201,
        f'[{{"messageId":"{first}","url":"https://a.test/x?y=z"}},'
        f'{{"messageId":"{second}","url":"https://b.test"}}]',
    )
    assert [command.body for command in commands(api)] == [b"hi", b"hi"]


@pytest.mark.fidelity("publish: a duplicate is a 202 with the id of the first", "sdk")
@pytest.mark.parametrize(
    "header",
    [
        ("Upstash-Deduplication-Id", "order-7"),
        ("Upstash-Content-Based-Deduplication", "true"),
    ],
)
def test_a_duplicate_is_answered_with_the_first_message(header: Header) -> None:
    api = Api()
    first = api.publish(header)

    duplicate = api.call("POST", "/v2/publish/https://shop.test/hook", header, body=b"hi")

    assert duplicate == json_response(202, f'{{"messageId":"{first}","deduplicated":true}}')
    assert api.ids() == [first]


def test_a_group_is_a_duplicate_only_if_every_message_is() -> None:
    api = with_group("https://a.test")
    header = ("Upstash-Deduplication-Id", "x")
    api.has("POST", "/v2/publish/g", None, header)
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": [{"url": "https://b.test"}]})

    partly = api.call("POST", "/v2/publish/g", header)
    wholly = api.call("POST", "/v2/publish/g", header)

    first, second = api.ids()
    duplicate = f'{{"messageId":"{first}","url":"https://a.test","deduplicated":true}}'
    new = f'{{"messageId":"{second}","url":"https://b.test"'
    assert partly == json_response(201, f"[{duplicate},{new}}}]")
    assert wholly == json_response(202, f'[{duplicate},{new},"deduplicated":true}}]')


@pytest.mark.fidelity("publish: `Upstash-Cron` makes a schedule", "docs")
def test_a_publish_with_a_cron_expression_makes_a_schedule() -> None:
    api = Api()
    response = api.call(
        "POST",
        "/v2/publish/https://shop.test/hook",
        ("Upstash-Cron", "0 0 * * *"),
        ("Upstash-Schedule-Id", "nightly"),
    )

    assert response == json_response(200, '{"scheduleId":"nightly"}')
    assert api.ids() == []
    assert api.read("/v2/schedules/nightly")["cron"] == "0 0 * * *"


def test_api_llm_is_published_to_the_target_that_stands_in_for_it() -> None:
    api = Api(llm_target="https://llm.test/v1/chat")
    header = ("Upstash-Callback", "https://shop.test/done")

    response = api.call("POST", "/v2/publish/api/llm", header, body=b"{}")

    assert response == json_response(201, f'{{"messageId":"{api.ids()[0]}"}}')
    assert [command.url for command in commands(api)] == ["https://llm.test/v1/chat"]


def test_api_llm_wants_a_callback() -> None:
    api = Api(llm_target="https://llm.test/v1/chat")

    assert api.call("POST", "/v2/publish/api/llm") == error_response(
        400, "callback is required for api/llm"
    )
    assert api.ids() == []


# --- refusals ------------------------------------------------------------------------------

SCHEME = error_response(
    400, "invalid destination url: endpoint has invalid scheme, add http:// or https://"
)
EMPTY = error_response(400, "a non-empty destination must be provided")


@pytest.mark.fidelity("destinations: without `http://` or `https://` they are refused", "measured")
@pytest.mark.parametrize(
    ("target", "response"),
    [
        ("/v2/publish", EMPTY),
        ("/v2/publish/", EMPTY),
        ("/v2/publish?a=b", EMPTY),
        ("/v2/publish//", EMPTY),
        ("/v2/publish/https%3A%2F%2Fshop.test", SCHEME),
        ("/v2/publish/shop.test/hook", SCHEME),
        ("/v2/publish/v2/publish/https://shop.test", SCHEME),
        ("/v2/publish/api/email", SCHEME),
        ("/v2/publish/my-group", error_response(404, "topic my-group not found")),
        ("/v2/publish/my-group/", error_response(404, "topic my-group not found")),
        (
            "/v2/publish/api/llm",
            error_response(400, "invalid destination url: api/llm is not supported"),
        ),
        (
            "/v2/publish/https://?a=b",
            error_response(400, 'invalid destination url: cannot parse url "https://?a=b"'),
        ),
        (
            "/v2/publish/https://shop.test:x/",
            error_response(400, 'invalid destination url: cannot parse url "https://shop.test:x/"'),
        ),
    ],
)
def test_a_bad_destination_is_refused_and_nothing_happens(target: str, response: Response) -> None:
    api = Api()
    before = api.state()

    assert api.call("POST", target) == response
    assert api.state() == before


BAD_VALUES = [
    ("Upstash-Delay", 'x"y', 'invalid delay: cannot parse duration "x"y"'),
    ("Upstash-Delay", "\xff", 'invalid delay: cannot parse duration "\ufffd"'),
    ("Upstash-Timeout", "0", 'invalid timeout: cannot parse duration "0"'),
    (
        "Upstash-Retries",
        "\xd9\xa3",
        'invalid retries: expected a non-negative integer, got "٣"',
    ),
    (
        "Upstash-Not-Before",
        "1e9",
        'invalid not before: expected a unix timestamp in seconds, got "1e9"',
    ),
    (
        "Upstash-Method",
        "HEAD",
        'invalid method: expected one of GET, POST, PUT, PATCH, DELETE, got "HEAD"',
    ),
    (
        "Upstash-Retry-Delay",
        "1 $",
        'invalid retry delay expression: unexpected token "$" at position 3',
    ),
    (
        "Upstash-Header-Forward",
        "maybe",
        'invalid header forward: expected a boolean, got "maybe"',
    ),
    ("Upstash-Label", "\x01", "invalid label: control characters are not allowed"),
    ("Upstash-Forward-X", "a\nb", 'invalid header: "x" cannot be forwarded'),
]
BEYOND = {
    "maxRetries exceeded, current limit: 5": [
        ("Upstash-Retries", "6"),
        ("Upstash-Retries", "9223372036854775807"),
    ],
    "maxTimeout exceeded, current limit: 7200": [("Upstash-Timeout", "7201")],
    "maxDelay exceeded, current limit: 31536000": [
        ("Upstash-Delay", "366d"),
        ("Upstash-Delay", "999999999999999d"),
        ("Upstash-Not-Before", "9223372036854775"),
    ],
}


@pytest.mark.parametrize(
    ("name", "value", "status", "text"),
    [
        *((name, value, 400, text) for name, value, text in BAD_VALUES),
        *(
            (name, value, 412, f"quota {text}")
            for text, fields in BEYOND.items()
            for name, value in fields
        ),
    ],
)
def test_a_bad_value_is_refused_and_nothing_happens(
    name: str, value: str, status: int, text: str
) -> None:
    api = Api()
    api.publish()
    before = api.state()

    response = api.call("POST", "/v2/publish/https://shop.test", (name, value))

    assert response == error_response(status, text)
    assert api.state() == before


def test_a_body_beyond_the_plan_is_refused() -> None:
    api = Api()

    assert api.call("POST", "/v2/publish/https://shop.test", body=b"x" * 10_485_761) == (
        error_response(412, "quota maxMessageSize exceeded, current limit: 10485760")
    )
    assert api.engine.pending() == []


@pytest.mark.fidelity("users: nothing is shared between them", "docs")
def test_users_do_not_see_each_other() -> None:
    api = Api()
    message_id = api.publish()
    other = ("Authorization", f"Bearer {PREDEFINED_USERS[1].token}")
    missing = error_response(404, f"message {message_id} not found")

    assert api.call("GET", f"/v2/messages/{message_id}", token=other) == missing
    assert api.call("DELETE", f"/v2/messages/{message_id}", token=other) == missing
    assert api.call("GET", "/v2/logs", token=other) == json_response(200, '{"events":[]}')
    assert api.call("GET", "/v2/dlq", token=other) == json_response(200, '{"messages":[]}')
    assert api.call("GET", f"/v2/messages/{message_id}").status == 200


def test_the_path_that_a_server_decoded_is_not_looked_at() -> None:
    target = "/v2/publish/https://shop.test/a%2Fb"

    assert scope_of("POST", target)["path"] == unquote(target) != target
