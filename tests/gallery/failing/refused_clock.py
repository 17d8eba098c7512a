"""Signatures have the fake's time, and the app's clock shows another."""

import os

import pytest
from flask import Flask, request
from freezegun import freeze_time
from qstash import QStash, Receiver
from qstash.errors import SignatureError

app = Flask("shop")


@app.post("/orders")
def order():
    receiver = Receiver(
        os.environ["QSTASH_CURRENT_SIGNING_KEY"], os.environ["QSTASH_NEXT_SIGNING_KEY"]
    )
    try:
        receiver.verify(
            signature=request.headers["Upstash-Signature"],
            body=request.get_data(as_text=True),
            url=request.url,
        )
    except SignatureError:
        return "", 403
    return ""


@pytest.mark.qstash(sign_with_virtual_time=True)
def test_nothing_is_left_to_do(qstash):
    qstash.mount("https://shop.test", app)
    QStash(qstash.token).message.publish(url="https://shop.test/orders")
    with freeze_time("2026-01-02"):
        qstash.advance(0)

    qstash.assert_nothing_pending()
