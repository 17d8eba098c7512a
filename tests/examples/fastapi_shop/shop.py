"""A web shop: orders are shipped by a webhook that QStash calls, and calls again if it fails."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
    app.state.problems = []
    yield


app = FastAPI(lifespan=lifespan)


def client() -> QStash:
    return QStash(os.environ["QSTASH_TOKEN"])


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


def place_order(order: int) -> None:
    """What the shop's checkout does."""
    client().message.publish_json(
        url=f"{BASE_URL}/webhooks/ship",
        body={"order": order},
        failure_callback=f"{BASE_URL}/webhooks/failed",
    )


def ship_what_failed() -> int:
    """What the shop's staff do when the warehouse is back: send every failed order once more."""
    letters = client().dlq.list(filter={"url": f"{BASE_URL}/webhooks/ship"}).messages
    for letter in letters:
        client().http.request(path=f"/v2/dlq/retry/{letter.dlq_id}", method="POST")
    return len(letters)


@app.post("/webhooks/ship", dependencies=[Depends(verified)])
async def ship(request: Request) -> dict[str, int]:
    order = (await request.json())["order"]
    request.app.state.warehouse.ship(order)
    # The blocking client in an async handler: not pretty, but it happens.
    client().message.publish_json(
        url=f"{BASE_URL}/webhooks/invoice", body={"order": order}, delay="1d"
    )
    return {"shipped": order}


@app.post("/webhooks/failed", dependencies=[Depends(verified)])
async def failed(request: Request) -> None:
    failure = await request.json()
    request.app.state.problems.append((failure["url"], failure["status"]))


@app.post("/webhooks/invoice", dependencies=[Depends(verified)])
async def invoice(request: Request) -> dict[str, str]:
    order = (await request.json())["order"]
    await AsyncQStash(os.environ["QSTASH_TOKEN"]).message.publish_json(
        url="https://ledger.test/bookings", body={"order": order}
    )
    return {"invoice": "sent"}
