"""Whom a call of the control API is for, and who may make it."""

from fakestash import FakeQStash
from fakestash.api.guard import Guard
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS
from tests.api.client import READ_ONLY, SOMEBODY_ELSE, response_of, run, scope_of
from tests.builders import URL
from tests.control.remote import Remote


def test_without_a_token_it_is_for_the_first_user() -> None:
    remote = Remote()
    remote.publish(URL)

    assert remote.get("/summary")["pending"] == 1
    assert remote.get("/summary", SOMEBODY_ELSE)["pending"] == 0
    assert remote.get(f"/summary?qstash_token={PREDEFINED_USERS[1].token}")["pending"] == 0


def test_another_user_sees_what_is_his() -> None:
    remote = Remote()
    body = {"type": "http.request", "body": b""}
    scope = scope_of("POST", f"/v2/publish/{URL}", (SOMEBODY_ELSE,))
    response_of(run(remote.app, scope, body))

    assert remote.post("/assert", {"assert": "published", "url": URL}, SOMEBODY_ELSE)[1]["ok"]
    assert not remote.done("/assert", {"assert": "published", "url": URL})["ok"]
    assert "CREATED" in remote.get("/timeline", SOMEBODY_ELSE)["text"]


def test_an_unknown_token_is_refused() -> None:
    status, found = Remote().call("GET", "/clock", b"", ("Authorization", "Bearer nobody"))

    assert status == 401
    assert found["error"].startswith("this server has no user with this token: send the QSTASH_TO")


def test_a_read_only_token_may_look_and_not_act() -> None:
    remote = Remote()

    assert remote.call("GET", "/clock", b"", READ_ONLY)[0] == 200
    assert remote.call("POST", "/clock/next", b"", READ_ONLY)[0] == 403
    assert remote.call("DELETE", "/destinations", b"", READ_ONLY)[0] == 403


def test_a_control_token_is_wanted_where_there_is_one() -> None:
    remote = Remote(guard=Guard("secret"))

    assert remote.call("GET", "/clock", b"")[0] == 401
    assert remote.call("GET", "/clock", b"", ("X-Fakestash-Token", "secret"))[0] == 200
    assert remote.call("GET", "/clock?control_token=secret", b"")[0] == 200


def test_a_defect_is_told_and_handed_to_the_fake() -> None:
    fake = FakeQStash()
    Remote(fake)
    scope = scope_of("GET", "/_fakestash/timeline", (("Authorization", DEFAULT_USER.token),))
    fake.timeline = None  # type: ignore[assignment, method-assign] # a defect

    response = response_of(run(fake.app, scope))

    assert response.status == 500
    assert response.body.startswith('{"error":"defect in fakestash, please report it: TypeError:')
    try:
        fake.close()
    except TypeError:
        return
    raise AssertionError("the defect was not raised")


def test_worlds_are_for_the_development_server() -> None:
    remote = Remote()
    text = (
        "this fake belongs to a test in Python, which has it to itself: worlds are for the "
        "development server, `fakestash dev`"
    )

    assert remote.call("GET", "/worlds", b"") == (501, {"error": text})
    assert remote.post("/worlds") == (501, {"error": text})
    assert remote.delete("/worlds/x") == (501, {"error": text})
