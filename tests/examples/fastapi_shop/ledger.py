"""A bookkeeping service, which is a WSGI app: it books, and tells the auditor by QStash."""

import os

from flask import Flask, request
from qstash import QStash, Receiver

app = Flask(__name__)


@app.post("/bookings")
def book() -> tuple[str, int]:
    Receiver(
        current_signing_key=os.environ["QSTASH_CURRENT_SIGNING_KEY"],
        next_signing_key=os.environ["QSTASH_NEXT_SIGNING_KEY"],
    ).verify(
        signature=request.headers["Upstash-Signature"],
        body=request.get_data(as_text=True),
        url=request.url,
    )
    QStash(os.environ["QSTASH_TOKEN"]).message.publish(
        url="https://auditor.test/booked", body=request.get_data(), content_type="application/json"
    )
    return "", 204
