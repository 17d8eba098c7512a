"""The condition never comes true."""

from qstash import QStash


def test_the_order_fails(qstash):
    qstash.destination("https://shop.test").responds(503, 200)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", body="7")

    qstash.run_until(lambda: len(qstash.dead_letters) == 1)
