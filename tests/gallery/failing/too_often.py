"""A retry makes it one delivery more than was expected."""

from qstash import QStash


def test_the_order_arrives_once(qstash):
    qstash.destination("https://shop.test").responds(503, 200)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", body="7")
    qstash.run_until_idle()

    qstash.assert_delivered("https://shop.test/orders", times=1)
