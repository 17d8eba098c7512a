"""Who may control a server: web pages from elsewhere must not, everything local may."""

import pytest

from fakestash import FakeQStash
from fakestash.api.guard import Guard
from tests.api.client import BEARER, Api, Header, Response, error_response, run, scope_of
from tests.control.remote import controlled

CLOCK = "/_fakestash/clock"
TOKEN = "a control token"

WANTED = (
    "this server wants its control token here: send it as X-Fakestash-Token, or as the query "
    "parameter control_token"
)
WRONG = "this is not the control token that the server was started with"


def guarded(guard: Guard) -> Api:
    api = Api()
    api.app = controlled(FakeQStash(), guard)
    return api


def status_for(*header: Header, guard: Guard | None = None, path: str = CLOCK) -> int:
    return guarded(guard or Guard()).call("GET", path, *header, token=None).status


# --- hosts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8080", "127.0.0.1", "127.0.0.1.", "[::1]:8080", "[::1]",
        "192.168.1.7:8080", "10.0.0.1", "localhost:8080", "LOCALHOST", "localhost.:8080",
        "qstash.localhost:8080", "qstash", "fakestash:8080", "host.docker.internal:8080",
        "gateway.docker.internal",
        "host.containers.internal:8080", "qstash.default.svc.cluster.local", "build.test",
        "nas.home.arpa", "",
    ],
)  # fmt: skip
def test_a_host_that_nobody_on_the_internet_can_have_may_be_called(host: str) -> None:
    assert status_for(("Host", host)) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8080", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
        "evil.example.", "docker.internal.evil.example", "127.1.1", "a]b.c:1", "evillocal.com",
        "internal.com",
    ],
)  # fmt: skip
def test_a_host_that_a_web_page_may_have_come_from_may_not_be_called(host: str) -> None:
    assert status_for(("Host", host)) == 403


def test_the_refusal_of_a_host_says_what_to_do() -> None:
    assert guarded(Guard()).call("GET", CLOCK, ("Host", "evil.example:80")) == error_response(
        403,
        "a web page could have sent this, because anybody may own the name 'evil.example:80': "
        "call /_fakestash by an address, by localhost or another name without dots, or start the "
        "server with a control token",
    )


def test_a_name_that_the_server_is_known_by_may_be_called() -> None:
    guard = Guard(names=["CI.example.com"])

    assert status_for(("Host", "ci.Example.com:8080"), guard=guard) == 200
    assert status_for(("Host", "ci.example.org:8080"), guard=guard) == 403


def test_of_several_hosts_the_first_counts() -> None:
    assert status_for(("Host", "localhost"), ("Host", "evil.example")) == 200
    assert status_for(("Host", "evil.example"), ("Host", "localhost")) == 403


# --- origins ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000", "https://localhost",
        "http://app.localhost:5173", "http://qstash:8080", "",
    ],
)  # fmt: skip
def test_a_page_of_this_machine_or_of_the_server_itself_may_call(origin: str) -> None:
    assert status_for(("Host", "qstash:8080"), ("Origin", origin)) == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", "http://192.168.1.7", "http://qstash:9999", "http://[::1",
        "http://localhost.evil.example", "http://evil.example#qstash:8080",
    ],
)  # fmt: skip
def test_a_page_from_elsewhere_may_not_call(origin: str) -> None:
    assert status_for(("Host", "qstash:8080"), ("Origin", origin)) == 403


def test_the_refusal_of_an_origin_says_what_to_do_and_the_page_may_read_it() -> None:
    origin = ("Origin", "https://evil.example")

    answer = guarded(Guard()).call("POST", f"{CLOCK}/next", origin, token=None)

    assert answer.status == 403
    assert answer.body == (
        '{"error":"the web page at \'https://evil.example\' may not control this server: call '
        "/_fakestash from a page on this machine, from no page at all, or start the server with a "
        'control token"}'
    )
    assert ("access-control-allow-origin", "https://evil.example") in answer.header


# --- the control token -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "header"),
    [
        (CLOCK, ("X-Fakestash-Token", TOKEN)),
        (f"{CLOCK}?control_token=a%20control%20token", ("X-Other", "1")),
        (f"{CLOCK}?control_token=a%20control%20token&", ("X-Fakestash-Token", "")),
    ],
)
def test_the_control_token_opens_the_door(path: str, header: Header) -> None:
    assert status_for(header, guard=Guard(TOKEN), path=path) == 200


@pytest.mark.parametrize(
    ("path", "header", "text"),
    [
        (CLOCK, ("X-Other", TOKEN), WANTED),
        (f"{CLOCK}/", ("X-Other", TOKEN), WANTED),
        (f"{CLOCK}?control_token=", ("X-Fakestash-Token", ""), WANTED),
        (f"{CLOCK}?control_token=wrong", ("X-Other", "1"), WRONG),
        (CLOCK, ("X-Fakestash-Token", "wrong"), WRONG),
        (CLOCK, ("X-Fakestash-Token", "a control token and more"), WRONG),
        (f"{CLOCK}?control_token=a%20control%20token", ("X-Fakestash-Token", "wrong"), WRONG),
    ],
)
def test_without_the_control_token_there_is_a_401(path: str, header: Header, text: str) -> None:
    api = guarded(Guard(TOKEN))

    assert api.call("GET", path, header) == error_response(401, text)


def test_with_the_control_token_a_page_from_elsewhere_and_any_host_will_do() -> None:
    fields = (
        ("Host", "fake.example.com"),
        ("Origin", "https://app.example.com"),
        ("X-Fakestash-Token", TOKEN),
    )

    assert status_for(*fields, guard=Guard(TOKEN)) == 200


def test_a_control_token_need_not_be_ascii() -> None:
    assert status_for(("X-Fakestash-Token", "gehe\xc3\xafm"), guard=Guard("geheïm")) == 200


# --- what is left alone ----------------------------------------------------------------------


@pytest.mark.parametrize("guard", [Guard(), Guard(TOKEN)], ids=["open", "token"])
@pytest.mark.parametrize(
    "path", ["/_fakestash/openapi.json", "/_FakeStash/OpenAPI.json/", "/v2/keys", "/v1/topics"]
)
def test_the_service_and_the_description_are_for_everybody(guard: Guard, path: str) -> None:
    header = (("Host", "evil.example"), ("Origin", "https://console.upstash.com"))

    assert guarded(guard).call("GET", path, *header).status == 200


def test_an_app_that_is_mounted_somewhere_is_guarded_too() -> None:
    api = guarded(Guard(TOKEN))
    event = {"type": "http.request", "body": b"", "more_body": False}
    for path, status in ((CLOCK, 401), ("/v2/keys", 200)):
        scope = scope_of("GET", f"/fake{path}", (BEARER,), root_path="/fake")

        start = run(api.app, scope, event).sent[0]

        assert start["status"] == status


def test_without_a_guard_everybody_may() -> None:
    api = Api()
    api.app = controlled(FakeQStash())

    assert api.call("GET", CLOCK, ("Origin", "https://evil.example")).status == 200


def test_what_is_not_there_is_no_secret() -> None:
    answer: Response = guarded(Guard(TOKEN)).call("GET", "/_fakestashes", token=None)

    assert answer == error_response(404, "route not found: GET /_fakestashes")
