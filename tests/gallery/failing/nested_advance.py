"""A handler moves time."""

from qstash import QStash


def test_the_order_takes_an_hour(qstash):
    def slow(request):
        qstash.advance("1h")
        return 200

    qstash.destination("https://shop.test").responds(slow)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", body="7")
    qstash.advance(0)
