"""Exploring a scenario: seed by seed, and what is left of the first that breaks it."""

import os

import httpx
import pytest

import fakestash
from fakestash import Disturbances, FakeQStash, UsageError

URL = "https://shop.test/charge"


def publish(fake: FakeQStash, *bodies: bytes) -> None:
    bearer = {"Authorization": f"Bearer {fake.token}"}
    with httpx.Client(transport=fake.transport, base_url=fake.url, headers=bearer) as client:
        for body in bodies:
            client.post(f"/v2/publish/{URL}", content=body)


class Shop:
    """A shop that charges cards, and a scenario that has it charge three."""

    def __init__(self, *, keeps_ids: bool = False, breaks_at: int = 4) -> None:
        self.keeps_ids = keeps_ids
        self.breaks_at = breaks_at
        self.runs: list[Disturbances] = []

    def scenario(self, fake: FakeQStash) -> None:
        charges = self.prepare(fake)
        fake.run_until_idle()
        self.check(fake, charges)

    async def scenario_async(self, fake: FakeQStash) -> None:
        charges = self.prepare(fake)
        await fake.run_until_idle_async()
        self.check(fake, charges)

    def prepare(self, fake: FakeQStash) -> list[bytes]:
        charges: list[bytes] = []
        ids: set[str] = set()

        def charge(request: fakestash.OutboundRequest) -> int:
            if not (self.keeps_ids and request.message_id in ids):
                charges.append(request.body)
            ids.add(request.message_id)
            return 200

        fake.destination(URL).responds(charge)
        publish(fake, b"1", b"2", b"3")
        return charges

    def check(self, fake: FakeQStash, charges: list[bytes]) -> None:
        self.runs.append(fake.disturbances)
        assert len(charges) < self.breaks_at


NOTE = """\
chaos seed 1 breaks it, seed 0, undisturbed, passes; what is left of it:
disturbed: deliver #1 twice
  #1 POST https://shop.test/charge
    qstash.deliveries[0] at 00:00:00, Upstash-Retried 0: its answer 200 was lost
    qstash.deliveries[3] at 00:00:00, Upstash-Retried 0: the second one, for the same message
to reproduce: fakestash.explore(scenario, chaos="deliver #1 twice")"""


def test_one_that_bears_everything_is_run_undisturbed_and_with_every_seed() -> None:
    shop = Shop(keeps_ids=True)

    fakestash.explore(shop.scenario, seeds=8)

    assert [bool(each) for each in shop.runs[:4]] == [False, True, True, True]
    assert len(shop.runs) == 9
    assert len(set(shop.runs)) > 5


def test_what_breaks_is_raised_with_the_least_that_breaks_it() -> None:
    shop = Shop()

    with pytest.raises(AssertionError) as raised:
        fakestash.explore(shop.scenario)

    assert raised.value.__notes__ == [NOTE]
    assert str(shop.runs[0]) == ""
    assert str(shop.runs[1]) == "deliver #1 twice; deliver #2 twice; deliver #3 twice"
    assert "deliver #1 twice" in map(str, shop.runs)


def test_the_smallest_seed_may_be_a_later_one() -> None:
    def no_late_orders(fake: FakeQStash) -> None:
        fake.destination(URL).responds(200)
        publish(fake, b"1", b"2", b"3", b"4")
        fake.run_until_idle()
        late = [each for each in fake.deliveries if 0 < each.at.second < 12]
        assert not late

    with pytest.raises(AssertionError) as raised:
        fakestash.explore(no_late_orders)

    (note,) = raised.value.__notes__
    first, second, *_, last = note.splitlines()
    assert first == "chaos seed 4 breaks it, seeds 0 to 3 pass; what is left of it:"
    assert second == "disturbed: deliver #2 1 s late"
    assert last == 'to reproduce: fakestash.explore(no_late_orders, chaos="deliver #2 1 s late")'


def test_what_fails_undisturbed_is_not_blamed_on_chaos() -> None:
    shop = Shop(breaks_at=3)

    with pytest.raises(AssertionError) as raised:
        fakestash.explore(shop.scenario)

    assert raised.value.__notes__ == ["nothing was disturbed in this run: chaos is not to blame"]
    assert len(shop.runs) == 1


def test_a_schedule_that_is_given_is_the_only_run() -> None:
    shop = Shop()

    with pytest.raises(AssertionError) as raised:
        fakestash.explore(shop.scenario, chaos="deliver #2 twice")

    (note,) = raised.value.__notes__
    assert note.startswith("disturbed: deliver #2 twice\n  #2 POST")
    assert len(shop.runs) == 1
    fakestash.explore(shop.scenario, chaos="deliver #9 twice")


def test_only_a_failure_alike_is_taken_for_the_same() -> None:
    def scenario(fake: FakeQStash) -> None:
        fake.destination(URL).responds(200)
        publish(fake, b"1", b"2")
        fake.run_until_idle()
        if len(fake.deliveries) == 3:
            raise LookupError
        assert len(fake.deliveries) == 2

    with pytest.raises(AssertionError) as raised:
        fakestash.explore(scenario)

    assert 'chaos="deliver #1 twice; deliver #2 twice"' in raised.value.__notes__[0]


def test_what_an_error_came_from_is_kept() -> None:
    def scenario(fake: FakeQStash) -> None:
        raise LookupError("no tea") from KeyError("tea")

    with pytest.raises(LookupError) as raised:
        fakestash.explore(scenario)

    assert isinstance(raised.value.__cause__, KeyError)


def test_each_run_has_a_fake_of_its_own_that_is_announced() -> None:
    before = os.environ.get("QSTASH_TOKEN")
    fakes: list[FakeQStash] = []

    def scenario(fake: FakeQStash) -> None:
        assert os.environ["QSTASH_URL"] == fake.url
        bearer = {"Authorization": f"Bearer {fake.token}"}
        assert httpx.get(f"{fake.url}/v2/keys", headers=bearer).is_success
        fakes.append(fake)

    fakestash.explore(scenario, seeds=2, start="2026-06-01T00:00:00Z")

    assert len({id(fake) for fake in fakes}) == 3
    assert {str(fake.now) for fake in fakes} == {"2026-06-01 00:00:00+00:00"}
    assert os.environ.get("QSTASH_TOKEN") == before


@pytest.mark.asyncio
async def test_a_scenario_may_be_awaited() -> None:
    shop, careful = Shop(), Shop(keeps_ids=True)

    with pytest.raises(AssertionError) as raised:
        await fakestash.explore_async(shop.scenario_async)
    await fakestash.explore_async(careful.scenario_async, seeds=3)

    assert raised.value.__notes__ == [NOTE.replace("(scenario,", "(scenario_async,")]
    assert len(careful.runs) == 4


def test_one_to_be_awaited_is_refused_where_nobody_awaits() -> None:
    shop = Shop()

    with pytest.raises(UsageError, match=r"use explore_async\(\)$"):
        fakestash.explore(shop.scenario_async)

    assert shop.runs == []


@pytest.mark.parametrize("seeds", [0, -1, True, 2.0, "2"])
def test_seeds_that_are_no_number_are_refused(seeds: object) -> None:
    with pytest.raises(UsageError, match=r"^seeds must be a whole number from 1 on, got "):
        fakestash.explore(Shop().scenario, seeds=seeds)  # type: ignore[arg-type]  # on purpose


def test_a_seed_of_its_own_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^explore\(\) tries seeds by itself"):
        fakestash.explore(Shop().scenario, chaos_seed=3)
