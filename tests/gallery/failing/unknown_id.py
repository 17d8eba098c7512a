"""An id is not whole."""

from qstash import QStash


def test_the_life_of_an_order(qstash):
    order = QStash(qstash.token).message.publish(url="https://shop.test/orders", body="7")

    assert "accepted" in qstash.explain(order.message_id[:-2])
