"""The app took its keys before the test began, and has a URL of its own in mind."""

from flask import Flask, request
from qstash import QStash, Receiver

app = Flask("shop")
app.logger.disabled = True
receiver = Receiver("sig_of_the_real_service_000000_1", "sig_of_the_real_service_000000_2")


@app.post("/orders")
def order():
    receiver.verify(
        signature=request.headers["Upstash-Signature"],
        body=request.get_data(as_text=True),
        url="http://127.0.0.1:8000/orders",
    )
    return ""


def test_an_order_is_answered(qstash):
    qstash.mount("https://shop.test", app)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", retries=0)
    qstash.advance(0)

    assert qstash.deliveries[0].status == 200
