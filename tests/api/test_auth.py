"""Who may call."""

import pytest

from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS, User
from tests.api.client import BEARER, Api, Header, error_response, json_response

MISSING = error_response(401, "unable to authenticate: missing token")
INVALID = error_response(401, "unable to authenticate: invalid token")

TOKEN = DEFAULT_USER.token
ESCAPED = TOKEN.replace("=", "%3D")

ENDPOINTS = [
    ("POST", "/v2/publish/https://shop.test"),
    ("POST", "/v2/publish/"),
    ("GET", "/v2/messages/x"),
    ("DELETE", "/v2/messages/x"),
    ("GET", "/v2/events"),
    ("GET", "/v2/logs?unknown=1"),
    ("GET", "/v2/dlq"),
    ("GET", "/v2/dlq/x"),
    ("DELETE", "/v2/dlq/x"),
    ("GET", "/v2/keys"),
    ("POST", "/v2/keys/rotate"),
    ("GET", "/v2/queues"),
    ("GET", "/v1/topics"),
]


@pytest.mark.parametrize(("method", "target"), ENDPOINTS)
def test_every_endpoint_wants_a_token(method: str, target: str) -> None:
    api = Api()
    before = api.state()

    assert api.call(method, target, token=None) == MISSING
    assert api.call(method, target, token=("Authorization", "Bearer x")) == INVALID
    assert api.state() == before


@pytest.mark.parametrize("user", PREDEFINED_USERS)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_bearer_token_tells_the_user(user: User, scheme: str) -> None:
    assert Api().call("GET", "/v2/keys", token=("Authorization", f"{scheme} {user.token}")) == (
        json_response(200, f'{{"current":"{user.keys.current}","next":"{user.keys.next}"}}')
    )


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer{TOKEN}", f"Token {TOKEN}"],
)
def test_what_is_no_bearer_token_counts_as_none(value: str) -> None:
    assert Api().call("GET", "/v2/keys", token=("Authorization", value)) == MISSING


@pytest.mark.parametrize(
    "value",
    [
        f"Bearer  {TOKEN}", f'Bearer "{TOKEN}"', f"Bearer {TOKEN} x", f"Bearer {TOKEN.lower()}",
        f"Bearer {TOKEN.rstrip('=')}", "Bearer \xff",
    ],
)  # fmt: skip
def test_a_token_that_nobody_has_is_invalid(value: str) -> None:
    assert Api().call("GET", "/v2/keys", token=("Authorization", value)) == INVALID


@pytest.mark.parametrize(
    "query", [f"qstash_token={TOKEN}", f"qstash_token={ESCAPED}", f"a=b&QSTASH_TOKEN={ESCAPED}"]
)
def test_a_token_may_come_in_the_query(query: str) -> None:
    assert Api().call("GET", f"/v2/keys?{query}", token=None).status == 200


@pytest.mark.parametrize("query", ["qstash_token=", "qstash_token", "token=x"])
def test_an_empty_token_in_the_query_counts_as_none(query: str) -> None:
    assert Api().call("GET", f"/v2/keys?{query}", token=None) == MISSING


@pytest.mark.parametrize("query", ["qstash_token=x", "qstash_token=%FF", "qstash_token=%22"])
def test_a_token_in_the_query_that_nobody_has_is_invalid(query: str) -> None:
    assert Api().call("GET", f"/v2/keys?{query}", token=None) == INVALID


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (BEARER, 200),
        (("Authorization", "Bearer x"), 401),
        (("Authorization", "Basic dTpw"), 200),
        (("Authorization", ""), 200),
    ],
)
def test_a_bearer_token_in_the_header_wins(header: Header, status: int) -> None:
    assert Api().call("GET", f"/v2/keys?qstash_token={ESCAPED}", token=header).status == status


def test_the_bearer_token_in_the_header_wins_over_a_wrong_one_in_the_query() -> None:
    assert Api().call("GET", "/v2/keys?qstash_token=x").status == 200
