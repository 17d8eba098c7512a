"""``fakestash.running``: served and announced for the length of a block, and put back."""

import os
import unittest
from concurrent.futures import ThreadPoolExecutor
from inspect import signature

import pytest
from qstash import QStash

from fakestash import FakeQStash, UsageError, running
from fakestash.served import Settings


def test_clients_reach_it_by_the_environment_which_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QSTASH_TOKEN", "mine")
    monkeypatch.setenv("QSTASH_DEV", "true")
    monkeypatch.delenv("QSTASH_URL", raising=False)

    with running(start="2026-02-01T00:00:00Z") as fake:
        assert "QSTASH_DEV" not in os.environ
        QStash(os.environ["QSTASH_TOKEN"]).message.publish(url="https://shop.test", body="hi")
        fake.destination("https://shop.test")
        fake.advance(0)
        assert [str(each.at) for each in fake.deliveries] == ["2026-02-01 00:00:00+00:00"]

    assert (os.environ["QSTASH_TOKEN"], os.environ["QSTASH_DEV"]) == ("mine", "true")
    assert "QSTASH_URL" not in os.environ


def test_two_run_side_by_side() -> None:
    with running() as one, running() as other:
        assert os.environ["QSTASH_URL"] == other.url
        for fake, body in ((one, "1"), (other, "2")):
            fake.destination("https://shop.test")
            QStash(fake.token, base_url=fake.url).message.publish(
                url="https://shop.test", body=body
            )
            fake.advance(0)

        assert [each.body for each in one.deliveries] == [b"1"]
        assert [each.body for each in other.deliveries] == [b"2"]


def test_one_beside_the_fixture_leaves_the_environment_alone(qstash: FakeQStash) -> None:
    with running(environment=False) as fake:
        assert os.environ["QSTASH_URL"] == qstash.url != fake.url


def test_each_thread_may_have_one() -> None:
    def deliver(number: int) -> list[bytes]:
        with running(environment=False) as fake:
            fake.destination("https://shop.test")
            QStash(fake.token, base_url=fake.url).message.publish(
                url="https://shop.test", body=str(number)
            )
            fake.advance(0)
            return [each.body for each in fake.deliveries]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(deliver, range(8))) == [[b"%d" % number] for number in range(8)]


def test_it_starts_once_and_may_be_stopped_twice() -> None:
    served = running(environment=False)
    first = served.start()
    with pytest.raises(UsageError, match="this fake runs already"):
        served.start()
    served.stop()
    served.stop()

    assert served.start() is not first
    served.stop()


def test_it_serves_unittest() -> None:
    class Shop(unittest.TestCase):
        def test_it(self) -> None:
            fake = self.enterContext(running())
            assert os.environ["QSTASH_URL"] == fake.url

    result = unittest.TestResult()
    Shop("test_it").run(result)

    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_it_takes_every_setting_of_a_fake() -> None:
    settings = set(signature(FakeQStash).parameters)

    assert set(Settings.__annotations__) == settings - {"url", "follow"}
