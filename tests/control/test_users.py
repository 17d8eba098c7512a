"""Whom a call of the control API is for, and who may make it."""

from fakestash import FakeQStash
from fakestash.api.guard import Guard
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS
from tests.api.client import BEARER, READ_ONLY, SOMEBODY_ELSE, response_of, run, scope_of
from tests.builders import URL
from tests.control.remote import Remote


def test_without_a_token_it_is_for_the_first_user() -> None:
    remote = Remote()
    remote.publish(URL)

    assert remote.get("/summary")["pending"] == 1
    assert remote.get("/summary", SOMEBODY_ELSE)["pending"] == 0
    assert remote.get(f"/summary?qstash_token={PREDEFINED_USERS[1].token}")["pending"] == 0


def two_users() -> tuple[Remote, str, str]:
    """Both published to the same URL, which refused the first user's message; the ids."""
    fake = FakeQStash()
    fake.destination(URL).responds(500, 200)
    remote = Remote(fake)
    mine = remote.publish(URL, ("Upstash-Retries", "0"))
    yours = remote.publish(URL, caller=SOMEBODY_ELSE)
    remote.done("/clock/advance", {"duration": 0})
    return remote, mine, yours


def test_deliveries_to_one_url_are_told_apart_by_user() -> None:
    remote, mine, yours = two_users()

    for user, message_id in (((), mine), ((BEARER,), mine), ((SOMEBODY_ELSE,), yours)):
        listed = remote.get("/deliveries", *user)
        waited = remote.done("/deliveries/wait", {"url": URL, "timeout": 0}, *user)
        assert [each["messageId"] for each in listed["deliveries"]] == [message_id]
        assert waited == listed
    assert remote.post("/deliveries/wait", {"times": 2, "timeout": 0}, SOMEBODY_ELSE)[0] == 408


def test_assertions_and_their_texts_are_about_one_user() -> None:
    remote, _, yours = two_users()
    once = {"assert": "delivered", "url": URL, "times": 1}

    assert remote.done("/assert", once)["ok"]
    assert remote.done("/assert", once, SOMEBODY_ELSE)["found"][0]["messageId"] == yours
    assert remote.done("/assert", {"assert": "dead_lettered", "url": URL})["ok"]
    text = remote.done("/assert", {"assert": "dead_lettered", "url": URL}, SOMEBODY_ELSE)["text"]
    assert "it was delivered at 00:00:00 by its first attempt" in text
    assert "500" not in text


def test_what_was_counted_and_left_behind_is_that_of_one_user() -> None:
    remote, mine, _ = two_users()

    summaries = [remote.get("/summary", *user) for user in ((), (SOMEBODY_ELSE,))]
    audits = [remote.get("/audit", *user)["findings"] for user in ((), (SOMEBODY_ELSE,))]
    timeline = remote.get("/timeline", SOMEBODY_ELSE)["text"]

    assert [(each["delivered"], each["failed"], each["deliveries"]) for each in summaries] == [
        (0, 1, 1),
        (1, 0, 1),
    ]
    assert [[each["messageId"] for each in audit] for audit in audits] == [[mine], []]
    assert "DELIVERED" in timeline
    assert "FAILED" not in timeline


def test_a_look_at_the_own_dead_letters_is_none_at_those_of_others() -> None:
    remote, mine, _ = two_users()

    response_of(run(remote.app, scope_of("GET", "/v2/dlq", (SOMEBODY_ELSE,))))
    response_of(run(remote.app, scope_of("GET", "/v2/dlq", (("Authorization", "Bearer x"),))))
    assert [each["messageId"] for each in remote.get("/audit")["findings"]] == [mine]

    response_of(run(remote.app, scope_of("GET", "/v2/dlq", (BEARER,))))
    assert remote.get("/audit")["findings"] == []


def test_what_is_to_come_is_that_of_one_user() -> None:
    remote, _, _ = two_users()
    later = (("Upstash-Delay", "1h"), ("Upstash-Deduplication-Id", "a"))
    firing = (("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "daily"))
    mine = remote.publish(URL, *later)
    yours = remote.publish(URL, *later, caller=SOMEBODY_ELSE)
    remote.publish(URL, *firing, version="v2/schedules")
    remote.publish("https://slow.test", caller=SOMEBODY_ELSE)
    remote.fake.destination("https://slow.test").responds(200, took="9s")
    remote.done("/clock/advance", {"duration": 0})

    found = [remote.get("/upcoming?within=1d", *user) for user in ((), (SOMEBODY_ELSE,))]

    assert [[each["kind"] for each in one["upcoming"]] for one in found] == [
        ["end of a deduplication window", "attempt", "firing"],
        ["answer", "end of a deduplication window", "attempt"],
    ]
    assert [one["upcoming"][1]["messageId"] for one in found] == [mine, yours]


def test_nobody_reaches_into_what_another_user_has() -> None:
    remote, mine, yours = two_users()
    later = ("Upstash-Delay", "1h")
    waiting = remote.publish(URL, later)

    status, found = remote.call("GET", f"/messages/{mine}/explain", b"", SOMEBODY_ELSE)
    assert status == 404
    assert found["error"] == (
        f"message {mine} is that of defaultUser, and this call is for testUser1: send the token of "
        "its user"
    )
    assert remote.post(f"/messages/{waiting}/deliver", None, SOMEBODY_ELSE)[0] == 404
    assert remote.get(f"/messages/{yours}/explain", SOMEBODY_ELSE)["messageId"] == yours


def test_schedules_of_one_id_are_fired_by_their_users() -> None:
    remote, _, _ = two_users()
    daily = (("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "daily"))
    remote.publish("https://mine.test", *daily, version="v2/schedules")

    status, found = remote.post("/schedules/daily/fire", None, SOMEBODY_ELSE)
    assert (status, found["error"]) == (
        404,
        "no schedule of testUser1 has the id 'daily'; there are: none",
    )

    remote.publish("https://yours.test", *daily, version="v2/schedules", caller=SOMEBODY_ELSE)
    (made,) = remote.done("/schedules/daily/fire", None, SOMEBODY_ELSE)["messageIds"]
    assert "https://yours.test" in remote.get(f"/messages/{made}/explain", SOMEBODY_ELSE)["text"]


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
