"""One field of the JSON and the method are others."""

from qstash import QStash


def test_an_order_of_three_packets_of_tea(qstash):
    qstash.destination("https://shop.test").responds(200)
    QStash(qstash.token).message.publish_json(
        url="https://shop.test/orders", body={"id": 7, "items": [{"sku": "tea", "count": 2}]}
    )
    qstash.advance(0)

    qstash.assert_delivered(
        "https://shop.test/orders", method="PUT", json={"id": 7, "items": [{"count": 3}]}
    )
