"""Apps of several frameworks that check a delivery alike, and answer 401 if it does not hold."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import django
import flask
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from fastapi import Body, FastAPI, Request, Response
from qstash import Receiver
from qstash.errors import SignatureError

from fakestash import FakeQStash
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER


class Seen(NamedTuple):
    """A request as its framework gives it."""

    headers: Any
    body: bytes
    url: str


Check = Callable[[Seen], object]


def receiver() -> Receiver:
    """The official one, with the keys of the environment."""
    return Receiver(os.environ["QSTASH_CURRENT_SIGNING_KEY"], os.environ["QSTASH_NEXT_SIGNING_KEY"])


def verify(seen: Seen, **other: Any) -> None:  # noqa: ANN401 - right or wrong
    """Verify as it should be, except for what is given."""
    right: dict[str, Any] = {
        "signature": seen.headers["Upstash-Signature"],
        "body": seen.body.decode(),
        "url": seen.url,
    }
    receiver().verify(**(right | other))


def _answered(check: Check, seen: Seen) -> int:
    try:
        check(seen)
    except SignatureError:
        return 401
    return 200


def fastapi_app(check: Check) -> FastAPI:
    """A coroutine as handler."""
    app = FastAPI()

    @app.post("/{rest:path}")
    async def hook(request: Request) -> Response:
        seen = Seen(request.headers, await request.body(), str(request.url))
        return Response(status_code=_answered(check, seen))

    return app


def fastapi_in_a_thread(check: Check) -> FastAPI:
    """A function as handler, which runs in a thread."""
    app = FastAPI()

    @app.post("/{rest:path}")
    def hook(request: Request, body: bytes = Body(b"")) -> Response:
        return Response(status_code=_answered(check, Seen(request.headers, body, str(request.url))))

    return app


def flask_app(check: Check) -> flask.Flask:
    """Over WSGI."""
    app = flask.Flask("shop")

    @app.post("/<path:rest>")
    def hook(rest: str) -> tuple[str, int]:
        asked = flask.request
        return "", _answered(check, Seen(asked.headers, asked.get_data(), asked.url))

    return app


@contextmanager
def django_serves(check: Check) -> Iterator[None]:
    """Every Django app of this process checks so meanwhile."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.examples.django_newsletter.settings")
    django.setup()

    def hook(request: HttpRequest) -> HttpResponse:
        seen = Seen(request.headers, request.body, request.build_absolute_uri() or "")
        return HttpResponse(status=_answered(check, seen))

    with override_settings(ALLOWED_HOSTS=["shop.test"], ROOT_URLCONF=(path("hook", hook),)):
        yield


APPS: Final[Mapping[str, Callable[[Check], Any]]] = {
    "FastAPI, coroutine": fastapi_app,
    "FastAPI, thread": fastapi_in_a_thread,
    "Flask": flask_app,
    "Django, WSGI": lambda _: get_wsgi_application(),
    "Django, ASGI": lambda _: get_asgi_application(),
}


def delivered(
    fake: FakeQStash,
    app: Any,  # noqa: ANN401 - of any framework
    *,
    url: str = "https://shop.test/hook",
    body: bytes = b'{"id":7}',
) -> str:
    """Publish to an app and deliver, once; the id of the message."""
    fake.mount("https://shop.test", app)
    command = PublishCommand(url, body, "POST", retries=0)
    message_id = fake.engine.publish(DEFAULT_USER.id, command).id
    fake.advance(0)
    return message_id
