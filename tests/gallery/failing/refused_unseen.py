"""The app compares the hash of the body by hand, and of a body that it makes anew."""

import base64
import hashlib
import json

import jwt
from flask import Flask, request
from qstash import QStash

app = Flask("shop")


@app.post("/orders")
def order():
    body = json.dumps(request.json).encode()
    wanted = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()
    claims = jwt.decode(request.headers["Upstash-Signature"], options={"verify_signature": False})
    return "", 200 if claims["body"] == wanted else 401


def test_an_order_is_accepted(qstash):
    qstash.mount("https://shop.test", app)
    QStash(qstash.token).message.publish(
        url="https://shop.test/orders",
        body='{"id":7}',
        content_type="application/json",
        retries=0,
    )
    qstash.advance(0)

    assert not qstash.dead_letters
