"""Nothing serves the URL of a message."""

from qstash import QStash


def test_the_order_is_booked(qstash):
    qstash.destination("https://shop.test").responds(200)
    QStash(qstash.token).message.publish(url="https://ledger.test/bookings", body="7")
    qstash.advance(0)
