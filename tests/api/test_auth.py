"""Who may call."""

import pytest

from fakestash.api.table import V1, V2
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS, User
from tests.api.client import BEARER, READ_ONLY, Api, Header, error_response, json_response

MISSING = error_response(401, "unable to authenticate: missing token")
REFUSED = error_response(403, "read-only token is not allowed to perform this operation")
INVALID = error_response(401, "unable to authenticate: invalid token")

TOKEN = DEFAULT_USER.token
ESCAPED = TOKEN.replace("=", "%3D")

ENDPOINTS = [
    (
        method,
        template.replace("{destination}", "https://shop.test").replace("{", "").replace("}", ""),
    )
    for template, methods in {**V2, **V1}.items()
    for method, endpoint in methods.items()
    if endpoint.public is None
]
LOOKING = [(method, target) for method, target in ENDPOINTS if method == "GET"]
CHANGING = [(method, target) for method, target in ENDPOINTS if method != "GET"]


@pytest.mark.parametrize(("method", "target"), ENDPOINTS)
def test_every_endpoint_wants_a_token(method: str, target: str) -> None:
    api = Api()
    before = api.state()

    assert api.call(method, target, token=None) == MISSING
    assert api.call(method, target, token=("Authorization", "Bearer x")) == INVALID
    assert api.state() == before


@pytest.mark.parametrize("target", ["/v2/publish/", "/v2/logs?unknown=1", "/v2/flowControl//reset"])
def test_a_caller_is_judged_before_the_rest_of_the_call(target: str) -> None:
    method = "GET" if "logs" in target else "POST"

    assert Api().call(method, target, token=None) == MISSING


# --- read-only tokens ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("target", [target for _, target in LOOKING])
def test_a_read_only_token_may_look_at_everything(method: str, target: str) -> None:
    api = Api()

    assert api.call(method, target, token=READ_ONLY) == api.call(method, target)


@pytest.mark.fidelity("token: a read-only one reads everything and changes nothing", "docs")
@pytest.mark.parametrize(("method", "target"), CHANGING)
def test_a_read_only_token_may_change_nothing(method: str, target: str) -> None:
    api = Api()
    before = api.state()

    assert api.call(method, target, token=READ_ONLY) == REFUSED
    assert api.state() == before


def test_a_read_only_token_may_come_in_the_query() -> None:
    token = DEFAULT_USER.read_only_token.replace("=", "%3D")

    assert Api().call("GET", f"/v2/keys?qstash_token={token}", token=None).status == 200
    assert Api().call("POST", f"/v2/keys/rotate?qstash_token={token}", token=None) == REFUSED


def test_a_read_only_token_belongs_to_its_user() -> None:
    api = Api()
    message_id = api.publish()
    other = ("Authorization", f"Bearer {PREDEFINED_USERS[1].read_only_token}")

    assert api.call("GET", f"/v2/messages/{message_id}", token=READ_ONLY).status == 200
    assert api.call("GET", f"/v2/messages/{message_id}", token=other).status == 404


def test_a_read_only_token_is_judged_after_route_and_method() -> None:
    assert Api().call("POST", "/v2/nothing", token=READ_ONLY).status == 404
    assert Api().call("PUT", "/v2/keys", token=READ_ONLY).status == 405
    assert Api().call("POST", "/v2/batch", token=READ_ONLY, body=b"{") == REFUSED


# --- tokens --------------------------------------------------------------------------------


@pytest.mark.fidelity("token: in `Authorization: Bearer`", "docs")
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


@pytest.mark.fidelity("token: an unknown one is a 401", "measured")
@pytest.mark.parametrize(
    "value",
    [
        f"Bearer  {TOKEN}", f'Bearer "{TOKEN}"', f"Bearer {TOKEN} x", f"Bearer {TOKEN.lower()}",
        f"Bearer {TOKEN.rstrip('=')}", "Bearer \xff",
    ],
)  # fmt: skip
def test_a_token_that_nobody_has_is_invalid(value: str) -> None:
    assert Api().call("GET", "/v2/keys", token=("Authorization", value)) == INVALID


@pytest.mark.fidelity("token: in the query as `qstash_token`", "docs")
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
