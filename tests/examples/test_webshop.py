"""How the users of fakestash test a shop: real client, real apps, real signatures, no waiting."""

import os
from datetime import timedelta

import pytest
from qstash import QStash

from fakestash import FakeQStash
from tests.examples import ledger, webshop

# The official clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SHIP = "https://shop.test/webhooks/ship"
INVOICE = "https://shop.test/webhooks/invoice"
REFUND = "https://shop.test/webhooks/refund"


@pytest.fixture
def shop(qstash: FakeQStash) -> FakeQStash:
    qstash.mount("https://shop.test", webshop.app)
    qstash.mount("https://ledger.test", ledger.app)
    qstash.destination("https://auditor.test").responds(200)
    return qstash


def test_an_order_is_shipped_at_the_third_attempt(shop: FakeQStash) -> None:
    webshop.place_order(1)
    shop.advance(0)
    webshop.app.state.warehouse.broken_for = 2

    webshop.place_order(2)
    shop.advance("3m")

    assert [d.status for d in shop.deliveries.to(SHIP)] == [200, 503, 503, 200]
    assert [d.retried for d in shop.deliveries.to(SHIP)] == [0, 0, 1, 2]
    first, _, _, last = shop.deliveries.to(SHIP)
    assert last.at - first.at == timedelta(seconds=12 + 148)
    assert webshop.app.state.warehouse.shipped == [1, 2]


def test_a_refund_that_always_fails_is_found_in_the_dead_letter_queue(shop: FakeQStash) -> None:
    client = QStash(os.environ["QSTASH_TOKEN"])
    sent = client.message.publish_json(url=REFUND, body={"order": 1}, retries=1)
    assert not isinstance(sent, list)

    shop.advance("12s")

    (letter,) = client.dlq.list().messages
    assert (letter.message_id, letter.url) == (sent.message_id, REFUND)
    assert (letter.response_status, letter.response_body) == (
        422,
        '{"detail":"no such account"}',
    )
    assert [log.state.value for log in client.log.list().logs] == [
        *("FAILED", "ERROR", "ACTIVE"),
        *("RETRY", "ERROR", "ACTIVE"),
        "CREATED",
    ]


def test_handlers_publish_back_while_they_are_called(shop: FakeQStash) -> None:
    webshop.place_order(7)

    shop.run_until_idle()

    assert [(d.url, str(d.at.date())) for d in shop.deliveries] == [
        (SHIP, "2026-01-01"),
        (INVOICE, "2026-01-02"),  # by the blocking client in an async handler
        ("https://ledger.test/bookings", "2026-01-02"),  # by the async client
        ("https://auditor.test/booked", "2026-01-02"),  # by the blocking client in a WSGI app
    ]
    shop.assert_delivered("https://auditor.test/booked", times=1, json={"order": 7})
    assert len(shop.dead_letters) == 0


@pytest.mark.asyncio
async def test_the_same_from_async_code(shop: FakeQStash) -> None:
    webshop.place_order(7)

    await shop.run_until_idle_async()

    shop.assert_delivered("https://auditor.test/booked", times=1, json={"order": 7})


def test_nobody_but_qstash_gets_in(shop: FakeQStash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QSTASH_CURRENT_SIGNING_KEY", shop.next_signing_key)

    webshop.place_order(7)
    shop.advance(0)

    (delivery,) = shop.deliveries
    assert delivery.status == 401
