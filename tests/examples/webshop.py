"""A web shop: orders are shipped by a webhook that QStash calls, and calls again if it fails."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from qstash import AsyncQStash, QStash, Receiver
from qstash.errors import SignatureError

BASE_URL = "https://shop.test"


class Warehouse:
    """Ships orders. It is out of order for as many calls as ``broken_for`` says."""

    def __init__(self) -> None:
        self.broken_for = 0
        self.shipped: list[int] = []

    def ship(self, order: int) -> None:
        if self.broken_for > 0:
            self.broken_for -= 1
            raise HTTPException(503, "the warehouse does not answer")
        self.shipped.append(order)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.warehouse = Warehouse()
    yield
    app.state.warehouse = None


app = FastAPI(lifespan=lifespan)


async def verified(request: Request) -> None:
    """Let only QStash in."""
    receiver = Receiver(
        current_signing_key=os.environ["QSTASH_CURRENT_SIGNING_KEY"],
        next_signing_key=os.environ["QSTASH_NEXT_SIGNING_KEY"],
    )
    try:
        receiver.verify(
            signature=request.headers.get("Upstash-Signature", ""),
            body=(await request.body()).decode(),
            url=str(request.url),
        )
    except SignatureError as error:
        raise HTTPException(401, str(error)) from error


def place_order(order: int) -> str:
    """What the shop's checkout does; the id of the message."""
    with_token = QStash(os.environ["QSTASH_TOKEN"])
    sent = with_token.message.publish_json(url=f"{BASE_URL}/webhooks/ship", body={"order": order})
    assert not isinstance(sent, list)
    return sent.message_id


@app.post("/webhooks/ship", dependencies=[Depends(verified)])
async def ship(request: Request) -> dict[str, int]:
    order = (await request.json())["order"]
    request.app.state.warehouse.ship(order)
    # The blocking client in an async handler: not pretty, but it happens.
    QStash(os.environ["QSTASH_TOKEN"]).message.publish_json(
        url=f"{BASE_URL}/webhooks/invoice", body={"order": order}, delay="1d"
    )
    return {"shipped": order}


@app.post("/webhooks/invoice", dependencies=[Depends(verified)])
async def invoice(request: Request) -> dict[str, str]:
    order = (await request.json())["order"]
    await AsyncQStash(os.environ["QSTASH_TOKEN"]).message.publish_json(
        url="https://ledger.test/bookings", body={"order": order}
    )
    return {"invoice": "sent"}


@app.post("/webhooks/refund", dependencies=[Depends(verified)])
async def refund(reason: Annotated[str, Depends(lambda: "no such account")]) -> None:
    raise HTTPException(422, reason)
