"""The third attempt is still to come."""

from qstash import QStash


def test_the_third_attempt(qstash):
    qstash.destination("https://shop.test").responds(503)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", body="7")
    qstash.advance("1m4s")

    qstash.assert_delivered("https://shop.test/orders", times=3)
