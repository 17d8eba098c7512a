"""A retry, and what waits for it in its queue, are pending."""

from qstash import QStash


def test_everything_is_done_after_a_minute(qstash):
    qstash.destination("https://shop.test").responds(503)
    client = QStash(qstash.token)
    client.message.enqueue(queue="orders", url="https://shop.test/orders", body="7")
    client.message.enqueue(queue="orders", url="https://shop.test/orders", body="8")
    qstash.advance("1m")

    qstash.assert_nothing_pending()
