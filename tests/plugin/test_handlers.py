"""Handlers that use the fake while it delivers to them, and what it refuses them."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from qstash import AsyncQStash, QStash
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fakestash import FakeQStash, NestedMoveError, StrayDestinationError

HOOK = "https://shop.test/hook"


# --- handlers that publish back ------------------------------------------------------------


def published_back(qstash: FakeQStash) -> list[tuple[str, bytes, int | None]]:
    return [(delivery.url, delivery.body, delivery.status) for delivery in qstash.deliveries]


BACK_AND_FORTH = [
    ("https://shop.test/order", b"tea", 201),
    ("https://shop.test/confirmed", b"one tea", 201),
]


async def confirmed(request: Request) -> Response:
    return Response(status_code=201)


def publish_back(body: str) -> None:
    client = QStash(os.environ["QSTASH_TOKEN"])
    client.message.publish(url="https://shop.test/confirmed", body=body)


async def order_blocking(request: Request) -> Response:
    publish_back(f"one {(await request.body()).decode()}")
    return Response(status_code=201)


async def order_async(request: Request) -> Response:
    await AsyncQStash(os.environ["QSTASH_TOKEN"]).message.publish(
        url="https://shop.test/confirmed", body=f"one {(await request.body()).decode()}"
    )
    return Response(status_code=201)


def order_in_a_thread(request: Request) -> Response:
    publish_back("one tea")
    return Response(status_code=201)


def asgi_shop(order: Callable[[Request], Any]) -> Starlette:
    routes = [
        Route("/order", order, methods=["POST"]),
        Route("/confirmed", confirmed, methods=["POST"]),
    ]
    return Starlette(routes=routes)


def wsgi_shop() -> Flask:
    shop = Flask("shop")

    @shop.post("/order")
    def order() -> tuple[str, int]:
        publish_back(f"one {request.get_data(as_text=True)}")
        return "", 201

    @shop.post("/confirmed")
    def confirm() -> tuple[str, int]:
        return "", 201

    return shop


SHOPS = {
    "blocking client in an async handler": lambda: asgi_shop(order_blocking),
    "async client in an async handler": lambda: asgi_shop(order_async),
    "blocking client in a handler in a thread": lambda: asgi_shop(order_in_a_thread),
    "blocking client in WSGI": wsgi_shop,
}


@pytest.mark.parametrize("shop", SHOPS.values(), ids=SHOPS)
def test_a_handler_publishes_back(qstash: FakeQStash, shop: Callable[[], Any]) -> None:
    qstash.mount("https://shop.test", shop())

    QStash(qstash.token).message.publish(url="https://shop.test/order", body="tea")
    qstash.advance(0)

    assert published_back(qstash) == BACK_AND_FORTH


@pytest.mark.parametrize("shop", SHOPS.values(), ids=SHOPS)
@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_handler_publishes_back_in_an_async_test(
    qstash: FakeQStash, shop: Callable[[], Any]
) -> None:
    qstash.mount("https://shop.test", shop())

    await AsyncQStash(qstash.token).message.publish(url="https://shop.test/order", body="tea")
    await qstash.advance_async(0)

    assert published_back(qstash) == BACK_AND_FORTH


# --- what cannot be right ------------------------------------------------------------------


NESTED = (
    "advance() was called from inside a delivery: the handler runs at one instant of the clock "
    "and cannot move it; move time in the test, after the delivery"
)


def test_a_handler_cannot_move_time(qstash: FakeQStash) -> None:
    async def impatient(scope: Scope, receive: Receive, send: Send) -> None:
        qstash.advance("1h")

    qstash.mount("https://shop.test", impatient)
    QStash(qstash.token).message.publish(url=HOOK, body="", retries=0)
    with pytest.raises(NestedMoveError) as raised:
        qstash.advance(0)

    (delivery,), (letter,) = qstash.deliveries, qstash.dead_letters
    assert (raised.value, str(raised.value)) == (delivery.exception, NESTED)
    assert (delivery.status, letter.message_id) == (500, delivery.message_id)


@pytest.mark.asyncio
async def test_an_async_handler_cannot_move_time_either(qstash: FakeQStash) -> None:
    async def impatient(scope: Scope, receive: Receive, send: Send) -> None:
        await qstash.advance_async("1h")

    qstash.mount("https://shop.test", impatient)
    await AsyncQStash(qstash.token).message.publish(url=HOOK, body="", retries=0)
    with pytest.raises(NestedMoveError) as raised:
        await qstash.advance_async(0)

    (delivery,) = qstash.deliveries
    assert (raised.value, str(raised.value)) == (
        delivery.exception,
        NESTED.replace("advance()", "advance_async()"),
    )


def test_a_wsgi_handler_cannot_move_time_either(qstash: FakeQStash) -> None:
    shop = Flask("shop")

    @shop.post("/hook")
    def impatient() -> str:
        qstash.next()
        return ""

    qstash.mount("https://shop.test", shop)
    QStash(qstash.token).message.publish(url=HOOK, body="", retries=0)
    with pytest.raises(NestedMoveError) as raised:
        qstash.advance(0)

    assert str(raised.value) == NESTED.replace("advance()", "next()")
    assert [(delivery.status, delivery.retried) for delivery in qstash.deliveries] == [(500, 0)]


def test_a_handler_that_deals_with_the_refusal_has_done_so(qstash: FakeQStash) -> None:
    refused: list[str] = []

    async def careful(request: Request) -> Response:
        try:
            qstash.advance("1h")
        except NestedMoveError as error:
            refused.append(str(error))
        return Response()

    qstash.mount("https://shop.test", Starlette(routes=[Route("/hook", careful, methods=["POST"])]))
    QStash(qstash.token).message.publish(url=HOOK, body="")
    qstash.advance(0)

    assert ([delivery.status for delivery in qstash.deliveries], refused) == ([200], [NESTED])


def test_a_message_that_nothing_takes_says_what_would_take_it(qstash: FakeQStash) -> None:
    QStash(qstash.token).message.publish(url="https://shop.test/hook?a=b", body="")

    with pytest.raises(StrayDestinationError) as error:
        qstash.advance(0)

    assert (
        str(error.value)
        == """\
a message was due for https://shop.test/hook?a=b, and nothing serves that URL here.
Add one of these lines before time is moved:
    qstash.mount("https://shop.test", app)                          # your ASGI or WSGI app
    qstash.destination("https://shop.test/hook?a=b").responds(200)  # a scripted answer
    qstash.allow_http("https://shop.test")                          # the real thing, over HTTP"""
    )
