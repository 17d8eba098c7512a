"""How the users of fakestash test a shop: real client, real apps, real signatures, no waiting."""

from datetime import timedelta

import pytest

from fakestash import FakeQStash
from tests.examples.fastapi_shop import ledger, shop

SHIP = "https://shop.test/webhooks/ship"
INVOICE = "https://shop.test/webhooks/invoice"
FAILED = "https://shop.test/webhooks/failed"
BOOKINGS = "https://ledger.test/bookings"
AUDITOR = "https://auditor.test/booked"

pytestmark = pytest.mark.qstash(audit="error")


@pytest.fixture(autouse=True)
def mounted(qstash: FakeQStash) -> None:
    qstash.mount("https://shop.test", shop.app)
    qstash.mount("https://ledger.test", ledger.app)


def test_an_order_is_shipped_invoiced_and_booked(qstash: FakeQStash) -> None:
    qstash.destination(AUDITOR).responds(200)
    shop.place_order(7)

    qstash.run_until_idle()

    assert shop.app.state.warehouse.shipped == [7]
    qstash.assert_delivered(INVOICE, times=1, at="1d")  # by the blocking client, in async code
    qstash.assert_delivered(BOOKINGS, times=1, json={"order": 7})  # by the async client
    qstash.assert_delivered(AUDITOR, times=1, json={"order": 7})  # by a WSGI app
    qstash.assert_not_delivered(FAILED)


@pytest.mark.asyncio
async def test_the_same_from_async_code(qstash: FakeQStash) -> None:
    qstash.destination(AUDITOR).responds(200)
    shop.place_order(7)

    await qstash.run_until_idle_async()

    qstash.assert_delivered(AUDITOR, times=1, json={"order": 7})


@pytest.mark.qstash(audit="off")  # the invoices are none of this test's business
def test_an_order_is_shipped_at_the_third_attempt(qstash: FakeQStash) -> None:
    shop.place_order(1)
    qstash.advance(0)
    shop.app.state.warehouse.broken_for = 2

    shop.place_order(2)
    qstash.advance("12s")
    assert shop.app.state.warehouse.shipped == [1]
    qstash.advance("148s")

    assert shop.app.state.warehouse.shipped == [1, 2]
    qstash.assert_delivered(SHIP, json={"order": 2}, attempt=3, within="3m")


@pytest.mark.qstash(audit="off")
def test_an_order_that_cannot_be_shipped_is_sent_once_more_by_hand(qstash: FakeQStash) -> None:
    shop.place_order(1)
    qstash.advance(0)
    shop.app.state.warehouse.broken_for = 4

    shop.place_order(2)
    qstash.advance("33m")

    qstash.assert_retried(SHIP, times=3, json={"order": 2})
    qstash.assert_dead_lettered(SHIP, times=1, json={"order": 2}, status=503)
    assert shop.app.state.problems == [(SHIP, 503)]

    assert shop.ship_what_failed() == 1
    qstash.advance(0)

    assert shop.app.state.warehouse.shipped == [1, 2]
    qstash.assert_dead_lettered(SHIP, times=0)


def test_the_bookkeeper_recovers_or_stays_down(qstash: FakeQStash) -> None:
    qstash.destination(BOOKINGS).responds(503)
    shop.place_order(7)
    qstash.advance("1d")
    (booking,) = qstash.assert_published(BOOKINGS, times=1, json={"order": 7})
    (retry,) = qstash.upcoming("1h").of(booking.id)
    assert retry.at - qstash.now == timedelta(seconds=12)

    with qstash.fork() as recovers:
        recovers.destination(BOOKINGS).responds(200)
        recovers.run_until_idle()
        recovers.assert_delivered(BOOKINGS, attempt=2)
        recovers.assert_dead_lettered(BOOKINGS, times=0)

    qstash.run_until_idle()
    qstash.assert_dead_lettered(BOOKINGS, times=1, status=503)


def test_nobody_but_qstash_gets_in(qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QSTASH_CURRENT_SIGNING_KEY", "somebody else's")
    monkeypatch.setenv("QSTASH_NEXT_SIGNING_KEY", "somebody else's")

    shop.client().message.publish(url=SHIP, body="", retries=0)
    qstash.advance(0)

    qstash.assert_dead_lettered(SHIP, times=1, status=401)
