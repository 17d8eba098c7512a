"""Strict mode: what user code raises in a delivery comes out of the move of time."""

import httpx
import pytest
from flask import Flask
from starlette.types import Receive, Scope, Send

from fakestash import FakeQStash


def publish(fake: FakeQStash) -> str:
    with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
        token = {"Authorization": f"Bearer {fake.token}"}
        answer = client.post("/v2/publish/https://shop.test/hook", headers=token)
    message_id: str = answer.json()["messageId"]
    return message_id


async def asgi_app(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("no tea")


def wsgi_app() -> Flask:
    app = Flask("shop")

    @app.post("/hook")
    def hook() -> str:
        raise LookupError("no tea")

    return app


@pytest.mark.qstash(strict=True)
@pytest.mark.parametrize("kind", ["asgi", "wsgi", "function"])
def test_it_is_raised_with_a_note_that_names_the_delivery(qstash: FakeQStash, kind: str) -> None:
    def function(request: object) -> int:
        raise LookupError("no tea")

    if kind == "function":
        qstash.destination("https://shop.test").responds(function)
    else:
        qstash.mount("https://shop.test", asgi_app if kind == "asgi" else wsgi_app())
    message_id = publish(qstash)

    with pytest.raises(LookupError, match="no tea") as raised:
        qstash.advance("1h")

    (note,) = raised.value.__notes__
    assert note == (
        "raised in the delivery POST https://shop.test/hook, attempt 1 of 4, "
        f"at 2026-01-01T00:00:00Z ({message_id})"
    )
    assert str(qstash.now) == "2026-01-01 00:00:00+00:00"
    assert [delivery.status for delivery in qstash.deliveries] == [500]


@pytest.mark.asyncio
@pytest.mark.qstash(strict=True)
async def test_it_is_raised_in_an_async_test(qstash: FakeQStash) -> None:
    qstash.mount("https://shop.test", asgi_app)
    publish(qstash)

    with pytest.raises(LookupError, match="no tea"):
        await qstash.advance_async(0)


def test_it_is_kept_on_the_delivery_by_default(qstash: FakeQStash) -> None:
    qstash.mount("https://shop.test", asgi_app)
    publish(qstash)
    qstash.advance(0)

    assert str(qstash.deliveries[0].exception) == "no tea"


def test_the_option_is_for_a_whole_suite(project: pytest.Pytester) -> None:
    with (project.path / "tox.ini").open("a") as settings:
        settings.write("\nfakestash_strict = true\n")
    project.makepyfile(
        """
        from qstash import QStash

        def shop(request):
            raise LookupError("no tea")

        def test_it(qstash):
            qstash.destination("https://shop.test").responds(shop)
            QStash(qstash.token).message.publish(url="https://shop.test", body="")
            qstash.advance(0)
        """
    )

    (report,) = project.inline_run().getfailures()

    pointed_at = [line[1:].strip() for line in str(report.longrepr).splitlines() if line[:1] == ">"]
    assert pointed_at == ["qstash.advance(0)", 'raise LookupError("no tea")']
