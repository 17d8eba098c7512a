"""Nothing serves the URL of a message, for a slip in what is scripted."""

from qstash import QStash


def test_the_order_is_booked_by_its_url(qstash):
    qstash.destination("https://ledger.test/booking").responds(200)
    QStash(qstash.token).message.publish(url="https://ledger.test/bookings", body="7")
    qstash.advance(0)
