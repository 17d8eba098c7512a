"""The app of the example: a shop that checks every delivery with the official receiver."""

import os
from threading import Event

from fastapi import FastAPI, Request, Response
from qstash import Receiver

app = FastAPI()
orders: list[tuple[int, bytes]] = []
refunds: list[int] = []
order_arrived = Event()


async def verified_body(request: Request) -> bytes:
    """The body, once its signature is known to be good."""
    receiver = Receiver(
        current_signing_key=os.environ["QSTASH_CURRENT_SIGNING_KEY"],
        next_signing_key=os.environ["QSTASH_NEXT_SIGNING_KEY"],
    )
    body = await request.body()
    receiver.verify(
        signature=request.headers["Upstash-Signature"], body=body.decode(), url=str(request.url)
    )
    return body


@app.post("/orders")
async def order(request: Request) -> Response:
    """Fail twice, then take the order."""
    orders.append((int(request.headers["Upstash-Retried"]), await verified_body(request)))
    if len(orders) <= 2:
        return Response(status_code=503)
    order_arrived.set()
    return Response(status_code=200)


@app.post("/refunds")
async def refund(request: Request) -> Response:
    """Refuse every refund."""
    await verified_body(request)
    refunds.append(int(request.headers["Upstash-Retried"]))
    return Response("no refunds today", status_code=500)
