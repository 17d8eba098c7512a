"""Calls from web pages: preflights, and answers that a page may read."""

import pytest

from fakestash import FakeQStash
from tests.api.client import Api, Header, Response, error_response
from tests.control.remote import controlled

PAGE = "https://console.test"
ORIGIN: Header = ("Origin", PAGE)


def allowed(origin: str = PAGE, headers: str = "*") -> tuple[Header, ...]:
    return (
        ("access-control-allow-origin", origin),
        ("access-control-allow-headers", headers),
        ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("access-control-expose-headers", "*"),
        ("access-control-allow-private-network", "true"),
        ("access-control-max-age", "600"),
    )


def with_clock() -> Api:
    api = Api()
    api.app = controlled(FakeQStash())
    return api


@pytest.mark.fidelity("CORS: any page may call", "assumed")
@pytest.mark.parametrize(
    "path",
    [
        "/v2/publish/https://shop.test", "/v2/keys", "/V2/KEYS/", "/v1/topics", "/anything", "*",
        "/_fakestash/clock", "/_fakestash/clock/advance", "/_fakestash/openapi.json",
    ],
)  # fmt: skip
def test_a_preflight_is_answered_on_any_path_without_a_token(path: str) -> None:
    api = with_clock()
    before = api.state()
    asked = (
        ORIGIN,
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,upstash-delay"),
        ("Access-Control-Request-Private-Network", "true"),
    )

    assert api.call("OPTIONS", path, *asked, token=None) == Response(
        204, allowed(headers="authorization,upstash-delay"), ""
    )
    assert api.state() == before


def test_options_that_name_nothing_are_allowed_everything() -> None:
    assert Api().call("OPTIONS", "/v2/keys", token=None) == Response(204, allowed("*"), "")
    assert Api().call("OPTIONS", "/v2/keys", ("Origin", "")) == Response(204, allowed("*"), "")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v2/publish/https://shop.test", 201),
        ("GET", "/v2/keys", 200),
        ("HEAD", "/v2/keys", 200),
        ("DELETE", "/v2/messages", 202),
        ("GET", "/v2/messages/x", 404),
        ("GET", "/v2/nothing", 404),
        ("PUT", "/v2/keys", 405),
        ("GET", "/v2/logs?x=1", 400),
        ("GET", "/v2/liveness", 200),
        ("GET", "/v1/topics", 200),
        ("GET", "/_fakestash/clock", 200),
        ("POST", "/_fakestash/clock/next", 200),
        ("PUT", "/_fakestash/clock", 405),
        ("GET", "/_fakestash/openapi.json", 200),
    ],
)
def test_every_answer_to_a_page_may_be_read_by_it(method: str, path: str, status: int) -> None:
    api = with_clock()
    plain = api.call(method, path)
    response = api.call(method, path, ORIGIN)

    assert response.status == plain.status == status
    assert response.header[-6:] == allowed()
    assert [name for name, _ in response.header[:-6]] == [name for name, _ in plain.header]


def test_a_caller_without_a_token_may_read_why_it_is_refused() -> None:
    refusal = error_response(401, "unable to authenticate: missing token")

    assert Api().call("GET", "/v2/keys", ORIGIN, token=None) == error_response(
        401, "unable to authenticate: missing token", *allowed()
    )
    assert Api().call("GET", "/v2/keys", token=None) == refusal
    assert Api().call("GET", "/v2/keys", ("Origin", ""), token=None) == refusal


def test_a_page_without_an_origin_of_its_own_may_call() -> None:
    response = Api().call("GET", "/v2/keys", ("Origin", "null"))

    assert response.header[-6:] == allowed("null")


def test_a_defect_is_told_to_a_page_too(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(on_defect=lambda _: None)

    def defective(user_id: str) -> None:
        raise RuntimeError(user_id)

    monkeypatch.setattr(api.engine, "signing_keys", defective)

    assert api.call("GET", "/v2/keys", ORIGIN) == error_response(
        500, "internal server error", *allowed()
    )
