"""Exceptions that a framework answers with a 500 of its own: they are kept on the delivery."""

import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import NoReturn, cast

import django
import django.core.signals
import flask
import pytest
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from django.urls import path

from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.framework_errors import hidden_errors
from fakestash.delivery.wsgi import WsgiApp, WsgiDestination
from fakestash.model.outcomes import Outcome, Responded
from tests.delivery.requests import a_request


class ShopError(Exception):
    """What handlers raise."""


def out_of_stock(request: object = None) -> NoReturn:
    raise ShopError("out of stock")


async def out_of_stock_async(request: object) -> NoReturn:
    out_of_stock()


def flask_with(view: Callable[[], str]) -> flask.Flask:
    app = flask.Flask("shop")
    app.post("/hook")(view)
    return app


def told(outcome: Outcome) -> tuple[int, type[BaseException], str]:
    """Its status, what is kept as its exception, and in which function that was raised."""
    assert isinstance(outcome, Responded)
    assert outcome.exception is not None
    place = traceback.extract_tb(outcome.exception.__traceback__)[-1]
    return outcome.status, type(outcome.exception), place.name


# --- Flask -------------------------------------------------------------------------------------


def test_what_a_view_of_flask_raises_is_kept_and_the_answer_is_flasks_own() -> None:
    outcome = WsgiDestination(flask_with(out_of_stock)).call(a_request())

    assert told(outcome) == (500, ShopError, "out_of_stock")
    assert isinstance(outcome, Responded)
    assert b"<title>500 Internal Server Error</title>" in outcome.body


def test_of_several_exceptions_in_a_call_the_last_is_kept() -> None:
    def apology(error: object) -> NoReturn:
        raise LookupError("no words")

    app = flask_with(out_of_stock)
    app.register_error_handler(500, apology)

    outcome = WsgiDestination(app).call(a_request())

    assert told(outcome) == (500, LookupError, "apology")


def test_what_a_view_deals_with_is_not_kept() -> None:
    app = flask_with(out_of_stock)
    app.register_error_handler(ShopError, lambda error: ("sold out", 410))

    outcome = WsgiDestination(app).call(a_request())

    assert isinstance(outcome, Responded)
    assert (outcome.status, outcome.exception) == (410, None)


def test_a_call_made_inside_another_keeps_its_exception_to_itself() -> None:
    inner: list[Outcome] = []

    def forward() -> str:
        inner.append(WsgiDestination(flask_with(out_of_stock)).call(a_request()))
        return "forwarded"

    outer = WsgiDestination(flask_with(forward)).call(a_request())

    assert told(inner[0]) == (500, ShopError, "out_of_stock")
    assert isinstance(outer, Responded)
    assert (outer.status, outer.exception) == (200, None)


# --- Django ------------------------------------------------------------------------------------


def when_two_are_there() -> Callable[[object, str], Awaitable[NoReturn]]:
    """A view that raises when two requests have come in."""
    barrier = asyncio.Barrier(2)

    async def view(request: object, name: str) -> NoReturn:
        await barrier.wait()
        raise ShopError(name)

    return view


@pytest.fixture(scope="module", autouse=True)
def _django_settings() -> Iterator[None]:
    # A process is configured once, and the example's tests may run in the same one.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.examples.django_newsletter.settings")
    django.setup()
    urls = (
        path("plain", out_of_stock),
        path("async", out_of_stock_async),
        path("together/<name>", when_two_are_there()),
    )
    with override_settings(ALLOWED_HOSTS=["shop.test"], ROOT_URLCONF=urls):
        yield


@pytest.mark.parametrize("view", ["plain", "async"])
def test_what_a_view_of_django_raises_is_kept_over_wsgi(view: str) -> None:
    destination = WsgiDestination(cast("WsgiApp", get_wsgi_application()))

    outcome = destination.call(a_request(f"https://shop.test/{view}"))

    assert told(outcome) == (500, ShopError, "out_of_stock")


@pytest.mark.parametrize("view", ["plain", "async"])
def test_what_a_view_of_django_raises_is_kept_over_asgi(view: str) -> None:
    destination = AsgiDestination(get_asgi_application())

    outcome = asyncio.run(destination.call(a_request(f"https://shop.test/{view}")))

    assert told(outcome) == (500, ShopError, "out_of_stock")


def test_calls_that_overlap_keep_their_own_exceptions() -> None:
    destination = AsgiDestination(get_asgi_application())

    async def main() -> list[Outcome]:
        urls = ("https://shop.test/together/tea", "https://shop.test/together/milk")
        return await asyncio.gather(*(destination.call(a_request(url)) for url in urls))

    outcomes = asyncio.run(main())

    assert [str(outcome.exception) for outcome in outcomes] == ["tea", "milk"]


# --- listening ---------------------------------------------------------------------------------


def receivers() -> list[int]:
    """How many there are for the signal of each framework."""
    return [
        len(flask.got_request_exception.receivers),
        len(django.core.signals.got_request_exception.receivers),
    ]


@pytest.mark.parametrize("error", [ShopError, KeyboardInterrupt])
def test_nobody_listens_after_a_call_however_it_ended(error: type[BaseException]) -> None:
    before = receivers()
    during: list[int] = []

    def call() -> NoReturn:
        with hidden_errors():
            during.extend(receivers())
            raise error

    with pytest.raises(error):
        call()

    assert (during, receivers()) == ([count + 1 for count in before], before)


def test_what_is_not_loaded_is_not_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "django.core.signals")
    # As old releases of Flask have it when the library for signals is not there.
    stand_in = SimpleNamespace(got_request_exception=object())
    monkeypatch.setitem(sys.modules, "flask.signals", stand_in)
    before = receivers()

    with hidden_errors() as hidden:
        assert receivers() == before

    assert list(hidden) == []
