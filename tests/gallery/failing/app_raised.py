"""The app has no stock of what is ordered."""

from fastapi import FastAPI, Request
from qstash import QStash

app = FastAPI()
STOCK = {"tea": 3}


@app.post("/orders")
async def order(request: Request):
    take(await request.json())


def take(wanted):
    for item, count in wanted.items():
        if item not in STOCK:
            raise LookupError(f"no stock of {item}")
        STOCK[item] -= count


def test_an_order_is_taken(qstash):
    qstash.mount("https://shop.test", app)
    QStash(qstash.token).message.publish_json(
        url="https://shop.test/orders", body={"coffee": 1}, retries=1
    )
    qstash.advance(0)

    assert qstash.deliveries[-1].status == 200
