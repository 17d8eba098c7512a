"""A scripted function returns what is no answer."""

from qstash import QStash


def test_the_order_is_answered(qstash):
    def answer(request):
        return {"id": 7}

    qstash.destination("https://shop.test").responds(answer)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", body="7")

    qstash.advance(0)
