"""The app verifies the body that it makes anew from the JSON, and answers 401 itself."""

import json
import os

from fastapi import FastAPI, HTTPException, Request
from qstash import QStash, Receiver
from qstash.errors import SignatureError

app = FastAPI()


@app.post("/orders")
async def order(request: Request):
    receiver = Receiver(
        os.environ["QSTASH_CURRENT_SIGNING_KEY"], os.environ["QSTASH_NEXT_SIGNING_KEY"]
    )
    try:
        receiver.verify(
            signature=request.headers["Upstash-Signature"],
            body=json.dumps(await request.json()),
            url=str(request.url),
        )
    except SignatureError as error:
        raise HTTPException(401) from error


def test_an_order_is_taken_at_once(qstash):
    qstash.mount("https://shop.test", app)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", body='{"id":7}', retries=1)
    qstash.advance("1m")

    qstash.assert_delivered("https://shop.test/orders", times=1)
