"""Calls of an API that has faults: who is struck, what the caller sees, and what has happened."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash import ApiFaults, FakeQStash, UsageError
from fakestash.api.faults.active import MOST_CALLS, Asking, FaultyCall
from fakestash.api.faults.fault import api_fault
from fakestash.model.users import PREDEFINED_USERS
from fakestash.plans import FREE, PAYG

HOOK = "https://shop.test/hook"
PUBLISH = f"/v2/publish/{HOOK}"
START_S = 1_767_225_600  # 2026-01-01T00:00:00Z


@pytest.fixture
def fake() -> FakeQStash:
    return FakeQStash()


@pytest.fixture
def client(fake: FakeQStash) -> Iterator[httpx.Client]:
    with client_of(fake) as client:
        yield client


def client_of(fake: FakeQStash) -> httpx.Client:
    headers = {"Authorization": f"Bearer {fake.token}"}
    return httpx.Client(transport=fake.transport, base_url=fake.url, headers=headers, timeout=5)


def statuses(client: httpx.Client, count: int, path: str = PUBLISH) -> list[int]:
    return [client.post(path).status_code for _ in range(count)]


# --- what the caller sees ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "answered", "headers"),
    [
        (
            {"kind": "daily"},
            (429, "exceeded daily rate limit"),
            {
                "ratelimit-limit": "1000",
                "ratelimit-remaining": "0",
                "ratelimit-reset": str(START_S + 86_400),
            },
        ),
        (
            {"kind": "burst"},
            (429, "exceeded burst rate limit"),
            {
                "burst-ratelimit-limit": "100",
                "burst-ratelimit-remaining": "0",
                "burst-ratelimit-reset": str(START_S + 1),
            },
        ),
        (
            {"kind": "chat", "limit": 7},
            (429, "exceeded chat rate limit"),
            {
                "x-ratelimit-limit-requests": "7",
                "x-ratelimit-limit-tokens": "100000",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-remaining-tokens": "99000",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-reset-tokens": "600ms",
            },
        ),
        ({"kind": "quota"}, (412, "quota maxQueues exceeded, current limit: 100"), {}),
        (
            {"kind": "quota", "quota": "maxSchedules"},
            (
                412,
                "quota maxSchedules exceeded, current limit: 10",
            ),
            {},
        ),
        (
            {"kind": "quota", "quota": "maxDelay", "limit": 0},
            (412, "quota maxDelay exceeded, current limit: 0"),
            {},
        ),
        ({"kind": "error"}, (500, "internal server error"), {}),
        ({"kind": "error", "status": 503, "text": "down"}, (503, "down"), {}),
    ],
)
def test_a_refusal_is_that_of_the_service_and_changes_nothing(
    fake: FakeQStash,
    client: httpx.Client,
    fault: dict[str, Any],
    answered: tuple[int, str],
    headers: dict[str, str],
) -> None:
    fake.faults.add(**fault)

    answer = client.post(PUBLISH)

    status, text = answered
    body = f'{{"error":"{text}"}}'
    assert (answer.status_code, answer.text) == (status, body)
    assert dict(answer.headers) == {
        "content-length": str(len(body)),
        "content-type": "application/json",
        **headers,
    }
    assert fake.messages == []
    assert fake.logs == []
    assert fake.faults.calls[0].took_effect is False


def test_the_limits_are_those_of_the_plan() -> None:
    fake = FakeQStash(plan=replace(FREE, messages_per_day=5, calls_per_second=3))
    with client_of(fake) as client:
        with fake.faults.add("daily"):
            daily = client.post(PUBLISH).headers["RateLimit-Limit"]
        with fake.faults.add("burst"):
            burst = client.post(PUBLISH).headers["Burst-RateLimit-Limit"]

    assert (daily, burst) == ("5", "3")


def test_resets_are_on_the_clock_of_the_fake(fake: FakeQStash, client: httpx.Client) -> None:
    fake.advance("36h 1.5s")
    fake.faults.add("burst")
    fake.faults.add("daily", times=1)

    daily, burst = client.post(PUBLISH), client.post(PUBLISH)

    assert daily.headers["RateLimit-Reset"] == str(START_S + 2 * 86_400)
    assert burst.headers["Burst-RateLimit-Reset"] == str(START_S + 129_602)


def test_a_call_may_take_effect_and_its_answer_be_lost(
    fake: FakeQStash, client: httpx.Client
) -> None:
    fake.faults.add("dropped", takes_effect=True, times=1)

    with pytest.raises(httpx.RemoteProtocolError):
        client.post(PUBLISH)
    again = client.post(PUBLISH)

    assert again.status_code == 201
    assert len(fake.messages.to(HOOK)) == 2


@pytest.mark.parametrize("kind", ["burst", "daily", "error", "dropped"])
@pytest.mark.parametrize("takes_effect", [True, False])
def test_whether_a_call_takes_effect_is_told_whatever_is_answered(
    fake: FakeQStash, client: httpx.Client, kind: str, takes_effect: bool
) -> None:
    fault = fake.faults.add(kind, takes_effect=takes_effect)

    try:
        client.post(PUBLISH)
    except httpx.RemoteProtocolError:
        assert kind == "dropped"

    assert len(fake.messages) == takes_effect
    assert [each.took_effect for each in fault.calls] == [takes_effect]


def test_a_call_that_is_refused_by_itself_took_no_effect(
    fake: FakeQStash, client: httpx.Client
) -> None:
    fake.faults.add("error", status=502, takes_effect=True)

    answer = client.post("/v2/publish/shop.test")

    assert (answer.status_code, answer.json()) == (502, {"error": "internal server error"})
    (call,) = fake.faults.calls
    assert (call.took_effect, call.status) == (False, 502)


def test_a_call_that_finds_a_defect_is_reported_as_ever(
    fake: FakeQStash, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("no tea")

    monkeypatch.setattr(fake.engine, "accept", broken)
    monkeypatch.setattr(fake.engine, "publish", broken)
    fake.faults.add("slow", took=1)

    assert client.post(PUBLISH).status_code == 500
    with pytest.raises(LookupError, match="no tea"):
        fake.close()


def test_a_slow_answer_is_the_usual_one_and_there_at_once_in_process(
    fake: FakeQStash, client: httpx.Client
) -> None:
    fault = fake.faults.add("slow", took="5s")

    answer = client.post(PUBLISH)

    assert answer.json() == {"messageId": fake.messages[0].id}
    assert [(each.took_effect, each.status) for each in fault.calls] == [(True, 201)]


def test_a_client_gives_up_on_an_answer_that_is_too_slow_and_the_call_took_effect(
    fake: FakeQStash, client: httpx.Client
) -> None:
    fake.faults.add("slow", took="5.001s")

    with pytest.raises(httpx.ReadTimeout):
        client.post(PUBLISH)

    assert len(fake.messages) == 1


@pytest.mark.parametrize("kind", ["error", "dropped"])
def test_every_fault_may_be_slow(fake: FakeQStash, client: httpx.Client, kind: str) -> None:
    fake.faults.add(kind, took="6s")

    with pytest.raises(httpx.ReadTimeout):
        client.post(PUBLISH)

    assert fake.messages == []


def test_an_error_that_is_late_is_an_error(fake: FakeQStash, client: httpx.Client) -> None:
    fake.faults.add("error", took="4s")

    assert client.post(PUBLISH).status_code == 500


# --- which calls ---------------------------------------------------------------------------


def test_calls_are_struck_by_route_and_method(fake: FakeQStash, client: httpx.Client) -> None:
    fault = fake.faults.add("error", route="queues", method="POST")

    answers = [
        client.post("/v2/queues", json={"queueName": "a", "parallelism": 1}),
        client.get("/v2/queues"),
        client.post(PUBLISH),
    ]

    assert [answer.status_code for answer in answers] == [500, 200, 201]
    assert (fault.met, fault.struck) == (1, 1)


def test_calls_are_struck_by_user(fake: FakeQStash, client: httpx.Client) -> None:
    other = PREDEFINED_USERS[1]
    fake.faults.add("error", user=other.id)

    answers = [
        client.get("/v2/queues"),
        client.get("/v2/queues", headers={"Authorization": f"Bearer {other.token}"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 500]
    assert [call.user for call in fake.faults.calls] == [other.id]


@pytest.mark.parametrize(
    ("wanted", "call", "is_struck"),
    [
        ("https://shop.test", (PUBLISH, None), True),
        (HOOK, (f"{PUBLISH}?x=1&upstash-delay=1h", None), True),
        (f"{HOOK}?x=1", (f"{PUBLISH}?x=1&upstash-delay=1h", None), True),
        (f"{HOOK}?x=2", (f"{PUBLISH}?x=1", None), False),
        ("https://other.test", (PUBLISH, None), False),
        (HOOK, (f"/v2/enqueue/orders/{HOOK}", None), True),
        (HOOK, (f"/v2/schedules/{HOOK}", None), True),
        (HOOK, (f"/v1/publish/{HOOK}", None), True),
        ("orders", ("/v2/publish/orders/", None), True),
        ("orders", ("/v2/publish/mails", None), False),
        (HOOK, ("/v2/publish/orders", None), False),
        (HOOK, ("/v2/batch", [{"destination": "https://a.test"}, {"destination": HOOK}]), True),
        (HOOK, ("/v2/batch", [{"destination": "https://a.test"}, {"destination": 5}, 7]), False),
        (HOOK, ("/v2/batch", {}), False),
        (HOOK, ("/v2/queues", {"queueName": HOOK}), False),
    ],
)
def test_calls_are_struck_by_destination(
    fake: FakeQStash, client: httpx.Client, wanted: str, call: tuple[str, object], is_struck: bool
) -> None:
    fake.faults.add("error", status=418, destination=wanted)

    path, body = call
    assert (client.post(path, json=body).status_code == 418) is is_struck


def test_the_next_two_are_struck(fake: FakeQStash, client: httpx.Client) -> None:
    fake.faults.add("error", times=2)

    assert statuses(client, 4) == [500, 500, 201, 201]


def test_every_third_is_struck(fake: FakeQStash, client: httpx.Client) -> None:
    fake.faults.add("error", every=3)

    assert statuses(client, 7) == [201, 201, 500, 201, 201, 500, 201]


def test_chance_strikes_by_the_seed() -> None:
    def played(seed: int) -> list[int]:
        fake = FakeQStash(seed=seed)
        fake.faults.add("error", probability=0.5)
        with client_of(fake) as client:
            return statuses(client, 20)

    assert played(1) == played(1) != played(2)
    assert set(played(1)) == {201, 500}


def test_chance_does_not_change_what_else_comes_of_the_seed() -> None:
    plain, struck = FakeQStash(seed=7), FakeQStash(seed=7)
    struck.faults.add("error", route="queues", probability=0.5)
    with client_of(plain) as client:
        first = client.post(PUBLISH).text
    with client_of(struck) as client:
        client.get("/v2/queues")
        second = client.post(PUBLISH).text

    assert first == second


def test_the_latest_fault_strikes_first(fake: FakeQStash, client: httpx.Client) -> None:
    fake.faults.add("error", status=501)
    fake.faults.add("error", status=502, times=1)
    first = statuses(client, 2)
    fake.faults.add("error", status=503, route="dlq")

    assert (first, statuses(client, 1)) == ([502, 501], [501])


def test_calls_that_are_refused_before_are_neither_struck_nor_counted(
    fake: FakeQStash, client: httpx.Client
) -> None:
    fault = fake.faults.add("error", times=1)

    answers = [
        client.get("/v2/nowhere"),
        client.put("/v2/queues"),
        client.get("/v2/queues", headers={"Authorization": "Bearer x"}),
        client.get("/v2/readiness"),
    ]

    assert [answer.status_code for answer in answers] == [404, 405, 401, 200]
    assert fault.met == 0


def test_a_fault_comes_before_the_limits_of_the_plan() -> None:
    fake = FakeQStash(plan=replace(PAYG, messages_per_day=0, calls_per_second=0))
    fake.faults.add("error")
    with client_of(fake) as client:
        answers = [client.post(PUBLISH), client.get("/v2/queues")]

    assert [answer.status_code for answer in answers] == [500, 500]


def test_what_is_not_struck_is_answered_as_ever(fake: FakeQStash, client: httpx.Client) -> None:
    fake.faults.add("error", route="dlq")

    client.post(PUBLISH, content=b"hi", headers={"Upstash-Delay": "1h"})

    (message,) = fake.messages
    assert (message.body, message.delay.total_seconds()) == (b"hi", 3600)


@given(
    rules=st.lists(
        st.fixed_dictionaries(
            {
                "after": st.integers(0, 2),
                "every": st.integers(1, 3),
                "times": st.none() | st.integers(1, 3),
                "probability": st.sampled_from([1.0, 0.5]),
                "method": st.sampled_from([None, "GET", "POST"]),
            }
        ),
        max_size=4,
    ),
    calls=st.lists(st.sampled_from(["GET", "POST"]), max_size=20),
    cut=st.integers(0, 20),
)
def test_of_any_faults_the_latest_that_chooses_strikes_and_a_copy_goes_on_alike(
    rules: list[dict[str, Any]], calls: list[str], cut: int
) -> None:
    """The model: counts of each rule by itself, asked from the latest to the first."""
    faults = ApiFaults(seed=3)
    added = [faults.add("error", **rule) for rule in rules]
    met, struck = [0] * len(rules), [0] * len(rules)
    copy: ApiFaults | None = None
    found: list[str | None] = []
    of_copy: list[str | None] = []
    for number, method in enumerate(calls):
        if number == cut:
            copy = faults.another()
            of_copy = list(found)
        asking = Asking(method, "/v2/queues", "somebody", ())
        standing = faults.strike(asking)
        found.append(standing.id if standing else None)
        if copy is not None:
            other = copy.strike(asking)
            of_copy.append(other.id if other else None)
        for place in reversed(range(len(rules))):
            rule = rules[place]
            if rule["method"] not in (None, method):
                continue
            met[place] += 1
            if found[-1] == added[place].id:
                struck[place] += 1
                break
            sure = (
                met[place] > rule["after"]
                and (met[place] - rule["after"]) % rule["every"] == 0
                and (rule["times"] is None or struck[place] < rule["times"])
            )
            assert not sure or rule["probability"] < 1

    assert [each.met for each in added] == met
    assert [each.struck for each in added] == struck
    assert copy is None or of_copy == found


# --- what there is -------------------------------------------------------------------------


def test_faults_are_listed_got_and_removed(fake: FakeQStash, client: httpx.Client) -> None:
    first = fake.faults.add("error")
    second = fake.faults.add_fault(api_fault("burst", route="dlq"))
    assert [(each.id, str(each.fault)) for each in fake.faults] == [
        ("fault_1", "faults.add('error')"),
        ("fault_2", "faults.add('burst', route='dlq')"),
    ]
    assert repr(second) == "<ActiveFault fault_2 faults.add('burst', route='dlq')>"
    assert repr(fake.faults) == (
        "<ApiFaults [\"faults.add('error')\", \"faults.add('burst', route='dlq')\"]>"
    )
    assert fake.faults.get("fault_2").fault == second.fault

    statuses(client, 1)
    first.remove()

    assert (len(fake.faults), statuses(client, 1)) == (1, [201])
    assert len(first.calls) == 1
    assert repr(first) == "<ActiveFault fault_1 removed>"
    with pytest.raises(UsageError, match=r"^fault_1 has been removed$"):
        _ = first.met
    with pytest.raises(UsageError, match=r"^there is no fault 'fault_1'; there are: fault_2$"):
        fake.faults.get("fault_1")
    second.remove()
    with pytest.raises(UsageError, match=r"^there is no fault 'fault_2'; there are: none at all$"):
        second.remove()
    with pytest.raises(UsageError, match=r"^there is no fault 'x'; there are: none at all$"):
        fake.faults.get("x")


def test_a_fault_lasts_for_a_block(fake: FakeQStash, client: httpx.Client) -> None:
    with fake.faults.add("error") as fault:
        inside = statuses(client, 1)
    after = statuses(client, 1)

    assert (inside, after, len(fake.faults)) == ([500], [201], 0)
    assert (fault.met, fault.struck, len(fault.calls)) == (1, 1, 1)


def test_a_fault_that_is_removed_in_its_block_stays_so(fake: FakeQStash) -> None:
    with fake.faults.add("error") as fault:
        fault.remove()

    assert list(fake.faults) == []


def test_all_are_cleared(fake: FakeQStash, client: httpx.Client) -> None:
    fake.faults.add("error")
    statuses(client, 1)

    fake.faults.clear()

    assert (list(fake.faults), fake.faults.calls, statuses(client, 1)) == ([], (), [201])
    assert fake.faults.add("error").id == "fault_2"


def test_a_call_that_was_struck_is_told(fake: FakeQStash, client: httpx.Client) -> None:
    fault = fake.faults.add("dropped")
    fake.advance("1m")
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(f"{PUBLISH}?secret=1")

    assert fake.faults.calls == (
        FaultyCall(
            at=datetime(2026, 1, 1, 0, 1, tzinfo=UTC),
            method="POST",
            path=PUBLISH,
            user="defaultUser",
            fault_id="fault_1",
            fault=fault.fault,
            took_effect=False,
            status=None,
        ),
    )


def test_of_very_many_calls_the_latest_are_kept() -> None:
    faults = ApiFaults()
    fault = api_fault("error")
    calls = [
        FaultyCall(
            at=datetime(2026, 1, 1, tzinfo=UTC),
            method="GET",
            path=f"/{number}",
            user="somebody",
            fault_id="fault_1",
            fault=fault,
            took_effect=False,
            status=500,
        )
        for number in range(MOST_CALLS + 2)
    ]
    for call in calls:
        faults.note(call)

    assert list(faults.calls) == calls[2:]


# --- snapshots, branches -------------------------------------------------------------------


def test_restoring_goes_back_to_the_faults_and_to_how_far_they_had_got(
    fake: FakeQStash, client: httpx.Client
) -> None:
    fake.faults.add("error", times=2)
    lasting = fake.faults.add("burst", route="dlq")
    statuses(client, 1)
    snapshot = fake.snapshot()
    first = statuses(client, 3)
    lasting.remove()
    fake.faults.add("error", status=503)

    fake.restore(snapshot)

    assert [each.id for each in fake.faults] == ["fault_1", "fault_2"]
    assert (len(fake.faults.calls), lasting.met) == (1, 0)
    assert statuses(client, 3) == first == [500, 201, 201]


def test_restoring_an_instant_without_faults_ends_them(
    fake: FakeQStash, client: httpx.Client
) -> None:
    snapshot = fake.snapshot()
    fake.faults.add("error")

    fake.restore(snapshot)

    assert statuses(client, 1) == [201]


def test_a_branch_has_the_faults_and_goes_on_apart(fake: FakeQStash, client: httpx.Client) -> None:
    fake.faults.add("error", times=2)
    statuses(client, 1)

    with fake.fork() as branch, client_of(branch) as other:
        branch.faults.add("error", status=503, route="queues")
        assert statuses(other, 2) == [500, 201]
        assert other.get("/v2/queues").status_code == 503
        assert len(branch.faults.calls) == 3

    assert (statuses(client, 2), len(fake.faults.calls)) == ([500, 201], 2)
    assert client.get("/v2/queues").status_code == 200


def test_a_reset_ends_faults_and_chance_begins_again(fake: FakeQStash) -> None:
    def played() -> list[int]:
        fake.faults.add("error", probability=0.5)
        with client_of(fake) as client:
            return statuses(client, 20)

    first = played()
    fake.reset(seed=5)
    assert (list(fake.faults), fake.faults.calls) == ([], ())
    second = played()
    fake.reset()

    assert played() == first != second
