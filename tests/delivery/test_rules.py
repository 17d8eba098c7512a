"""Rules of scripted destinations: which deliveries they answer, and what becomes of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash import FakeQStash, ScriptedDestination, UsageError
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.scripted import stand, standing_of
from fakestash.model.outcomes import HeaderItems, Responded
from tests.testing.acts import HOOK, publish


@pytest.fixture
def fake() -> Iterator[FakeQStash]:
    with FakeQStash() as fake:
        yield fake


def delivered(fake: FakeQStash, *bodies: bytes, headers: HeaderItems = ()) -> list[int | None]:
    """The statuses of deliveries of messages without retries."""
    before = len(fake.deliveries)
    for body in bodies:
        publish(fake, body=body, retries=0, headers=headers)
        fake.advance(0)
    return [each.status for each in fake.deliveries[before:]]


# --- which deliveries ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "statuses"),
    [
        ({"json": {"id": 7}}, [503, 200, 200]),
        ({"body": b"no json"}, [200, 200, 503]),
        ({"body": lambda body: body.startswith(b"{")}, [503, 503, 200]),
        ({"json": {"id": lambda found: found > 7}}, [200, 503, 200]),
        ({"method": "post"}, [503, 503, 503]),
        ({"method": "PUT"}, [200, 200, 200]),
        ({"headers": {"x-shop": "tea"}}, [503, 503, 503]),
        ({"headers": {"x-shop": None}}, [200, 200, 200]),
        ({"headers": {"Upstash-Retried": "0"}}, [503, 503, 503]),
        ({"attempt": 2}, [200, 200, 200]),
        ({"test": lambda request: request.json()["id"] == 8}, [200, 503, 200]),
        ({"json": {"id": 7}, "method": "PUT"}, [200, 200, 200]),
        ({}, [503, 503, 503]),
        ({"after": 1, "times": 1}, [200, 503, 200]),
        ({"every": 2}, [200, 503, 200]),
        ({"json": {"id": int}, "every": 2}, [200, 503, 200]),
    ],
)
def test_a_rule_answers_what_meets_all_of_it(
    fake: FakeQStash, rule: dict[str, Any], statuses: list[int]
) -> None:
    fake.destination(HOOK).when(**rule).responds(503)

    bodies = (b'{"id": 7}', b'{"id": 8}', b"no json")
    assert delivered(fake, *bodies, headers=(("X-Shop", "tea"),)) == statuses


def test_a_rule_may_be_for_an_attempt(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK).responds(200)
    hook.when(attempt=lambda number: number < 3).responds(503)
    publish(fake)

    fake.run_until_idle()

    assert [each.status for each in fake.deliveries] == [503, 503, 200]


def test_the_latest_rule_answers_and_what_none_answers_gets_the_usual(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK).responds(201)
    first = hook.when(json={"id": 7}).responds(501)
    second = hook.when(times=1).responds(502)

    assert delivered(fake, b'{"id": 7}', b'{"id": 7}', b"") == [502, 501, 201]
    assert (hook.received, first.received, second.received) == (3, 1, 1)
    assert (first.met, second.met) == (1, 3)


def test_a_rule_plays_a_script_of_its_own_whose_last_answer_repeats(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK).responds(201, 202)
    rule = hook.when(json={"id": 7}).responds(503, 204)
    left = rule.answers_left

    assert delivered(fake, b'{"id": 7}', b"", b'{"id": 7}', b"", b'{"id": 7}') == [
        503,
        201,
        204,
        202,
        204,
    ]
    assert (left, rule.answers_left, hook.answers_left) == (2, 0, 0)


def test_the_answers_of_a_rule_may_begin_again(fake: FakeQStash) -> None:
    fake.destination(HOOK).when().responds(501, 502, cycle=True)

    assert delivered(fake, b"", b"", b"") == [501, 502, 501]


def test_a_rule_answers_200_until_it_is_told(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK).responds(500)
    rule = hook.when(times=1)

    assert delivered(fake, b"", b"") == [200, 500]
    assert rule.answers_left == 0


def test_answers_of_a_rule_may_be_functions_and_late(fake: FakeQStash) -> None:
    async def answer(request: OutboundRequest) -> int:
        return 202

    hook = fake.destination(HOOK)
    before = hook.needs_loop
    hook.when(json={"id": 7}).responds(answer, took="40s")
    assert (before, hook.needs_loop) == (False, True)
    publish(fake, body=b'{"id": 7}')

    fake.advance("39s")
    assert fake.deliveries[0].status is None
    fake.advance("1s")
    assert fake.deliveries[0].status == 202


def test_a_removed_rule_answers_no_more(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK)
    rule = hook.when().responds(500)
    first = delivered(fake, b"")

    rule.remove()
    rule.remove()

    assert (first, delivered(fake, b""), hook.rules) == ([500], [200], ())


def test_what_a_predicate_raises_is_a_no(fake: FakeQStash) -> None:
    rule = fake.destination(HOOK).when(lambda request: request.json()["id"] == 7).responds(500)

    assert delivered(fake, b"no json", b"{}", b'{"id": 7}') == [200, 200, 500]
    assert rule.met == 1


def test_a_predicate_may_use_the_destination(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK)

    def twice(request: OutboundRequest) -> bool:
        hook.when(times=1).responds(503)
        return False

    hook.when(twice).responds(500)

    assert delivered(fake, b"", b"") == [200, 503]


def test_a_rule_is_shown_as_the_call_that_makes_it(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK)
    rule = hook.when(json={"id": 7}, attempt=2, times=3)

    assert str(rule) == "when(json={'id': 7}, attempt=2, times=3)"
    assert repr(rule) == f"<ScriptedRule {rule} of {HOOK} received=0>"
    assert str(hook.when()) == "when()"
    assert str(hook.when(OutboundRequest.json)) == "when(json())"


def test_a_number_that_means_nothing_is_refused(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK)

    with pytest.raises(UsageError, match=r"^every must be a whole number from 1 on, got 0$"):
        hook.when(every=0)

    assert hook.rules == ()


# --- chance --------------------------------------------------------------------------------


def by_chance(seed: int, count: int = 40) -> list[int | None]:
    fake = FakeQStash(seed=seed)
    fake.destination(HOOK).when(probability=0.5).responds(503)
    return delivered(fake, *[b""] * count)


def test_chance_is_decided_by_the_seed() -> None:
    assert by_chance(1) == by_chance(1) != by_chance(2)
    assert 5 < by_chance(1).count(503) < 35


def test_chance_changes_nothing_else_that_comes_of_the_seed() -> None:
    plain, scripted = FakeQStash(), FakeQStash()
    scripted.destination(HOOK).when(probability=0.5).responds(503)
    for fake in (plain, scripted):
        fake.destination(HOOK)
        delivered(fake, b"", b"")

    assert [each.id for each in plain.messages] == [each.id for each in scripted.messages]


def test_each_rule_has_a_chance_of_its_own() -> None:
    fake = FakeQStash()
    hook = fake.destination(HOOK)
    rules = [hook.when(lambda _: False, probability=0.5), hook.when(probability=0.5).responds(503)]
    first = delivered(fake, *[b""] * 20)
    rules[0].remove()
    fake.reset()

    assert delivered(fake, *[b""] * 20) == first


# --- snapshots, branches, resets -----------------------------------------------------------


def test_restoring_goes_back_to_the_rules_and_to_how_far_they_had_got(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK)
    rule = hook.when(times=3).responds(501, 502, 503)
    before = delivered(fake, b"")
    snapshot = fake.snapshot()
    first = delivered(fake, b"", b"", b"")
    rule.remove()
    hook.when().responds(418)

    fake.restore(snapshot)

    assert before == [501]
    assert hook.rules == (rule,)
    assert (rule.received, rule.met, rule.answers_left) == (1, 1, 2)
    assert delivered(fake, b"", b"", b"") == first == [502, 503, 200]


def test_a_branch_has_the_rules_and_goes_on_apart(fake: FakeQStash) -> None:
    hook = fake.destination(HOOK)
    rule = hook.when(probability=0.5).responds(501, 502, 503)
    delivered(fake, b"", b"")
    standing = (rule.met, rule.received)

    with fake.fork() as branch:
        of_branch = delivered(branch, *[b""] * 9)
        (own,) = branch.destination(HOOK).rules
        own.responds(418)

    assert (rule.met, rule.received) == standing
    assert own.met == 11
    assert delivered(fake, *[b""] * 9) == of_branch


def test_a_reset_begins_again(fake: FakeQStash) -> None:
    rule = fake.destination(HOOK).when(times=2).responds(501, 502)
    first = delivered(fake, b"", b"", b"")

    fake.reset()

    assert (rule.met, rule.received, rule.answers_left) == (0, 0, 2)
    assert delivered(fake, b"", b"", b"") == first == [501, 502, 200]


@given(
    rules=st.lists(
        st.fixed_dictionaries(
            {
                "after": st.integers(0, 2),
                "every": st.integers(1, 3),
                "times": st.none() | st.integers(1, 3),
                "probability": st.sampled_from([1.0, 0.5]),
                "body": st.sampled_from([None, b"a", b"b"]),
            }
        ),
        max_size=4,
    ),
    bodies=st.lists(st.sampled_from([b"a", b"b"]), max_size=12),
    cut=st.integers(0, 12),
)
def test_any_rules_go_on_alike_from_where_they_stand(
    rules: list[dict[str, Any]], bodies: list[bytes], cut: int
) -> None:
    fake = FakeQStash(seed=3)
    hook = fake.destination(HOOK)
    for number, rule in enumerate(rules):
        hook.when(**rule).responds(500 + number)
    delivered(fake, *bodies[:cut])
    other = ScriptedDestination(HOOK)
    stand(other, standing_of(hook))

    rest = delivered(fake, *bodies[cut:])

    requests = fake.deliveries[cut:]
    outcomes = [other.call(request) for request in requests]
    assert [each.status for each in outcomes if isinstance(each, Responded)] == rest
    for rule, (mine, its) in zip(rules, zip(hook.rules, other.rules, strict=True), strict=True):
        assert (mine.met, mine.received) == (its.met, its.received)
        met = max(0, mine.met - rule["after"]) // rule["every"]
        most = met if rule["times"] is None else min(met, rule["times"])
        assert mine.received <= most
        assert mine.received == most or rule["probability"] < 1
