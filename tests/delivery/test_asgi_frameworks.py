"""Real ASGI frameworks as destinations."""

import asyncio
import contextlib
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated, NoReturn

import anyio
import fastapi
import pytest
import trio
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.lifespan import AsgiApp
from fakestash.delivery.outbound import OutboundRequest
from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded
from tests.delivery.requests import a_request

Endpoint = Callable[[Request], Awaitable[Response]]


def starlette_with(endpoint: Endpoint, *, middleware: list[Middleware] | None = None) -> Starlette:
    return Starlette(routes=[Route("/hook", endpoint, methods=["POST"])], middleware=middleware)


def outcome_of(app: AsgiApp, request: OutboundRequest | None = None) -> Outcome:
    return asyncio.run(AsgiDestination(app).call(request or a_request()))


def test_starlette_reads_the_request_and_answers() -> None:
    async def hook(request: Request) -> Response:
        return JSONResponse(
            {"got": await request.json(), "retried": request.headers["Upstash-Retried"]}
        )

    assert outcome_of(starlette_with(hook), a_request(body=b'{"a":1}', retried=2)) == Responded(
        200,
        (("Content-Length", "29"), ("Content-Type", "application/json")),
        b'{"got":{"a":1},"retried":"2"}',
    )


def test_starlette_knows_the_url_of_the_request() -> None:
    async def hook(request: Request) -> Response:
        return PlainTextResponse(str(request.url))

    url = "https://shop.test:8443/hook?a=%2F"
    outcome = outcome_of(starlette_with(hook), a_request(url))

    assert isinstance(outcome, Responded)
    assert outcome.body == url.encode()


def test_background_tasks_are_done_when_the_outcome_is_there() -> None:
    happened: list[str] = []

    async def hook(request: Request) -> Response:
        return PlainTextResponse("ok", background=BackgroundTask(happened.append, "mail sent"))

    outcome_of(starlette_with(hook))

    assert happened == ["mail sent"]


def test_a_background_task_that_raises_leaves_the_answer_as_it_was() -> None:
    def send_mail() -> NoReturn:
        raise ConnectionError("no mail server")

    async def hook(request: Request) -> Response:
        return PlainTextResponse("ok", background=BackgroundTask(send_mail))

    outcome = outcome_of(starlette_with(hook))

    assert isinstance(outcome, Responded)
    assert (outcome.status, outcome.body, type(outcome.exception)) == (200, b"ok", ConnectionError)


def test_an_endpoint_that_raises_answers_500_and_the_exception_is_kept() -> None:
    async def hook(request: Request) -> Response:
        raise KeyError("tea")

    outcome = outcome_of(starlette_with(hook))

    assert isinstance(outcome, Responded)
    assert (outcome.status, outcome.body) == (500, b"Internal Server Error")
    raised = outcome.exception
    assert isinstance(raised, KeyError)
    assert traceback.extract_tb(raised.__traceback__)[-1].name == "hook"


def test_a_streamed_answer_is_put_together() -> None:
    async def hook(request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            await anyio.lowlevel.checkpoint()
            yield b"b"

        return StreamingResponse(parts())

    outcome = outcome_of(starlette_with(hook))

    assert isinstance(outcome, Responded)
    assert outcome.body == b"ab"


@pytest.mark.parametrize("body", [b"short", b"long" * 1000])
def test_an_answer_by_gzip_middleware_is_decoded(body: bytes) -> None:
    async def hook(request: Request) -> Response:
        return Response(body)

    outcome = outcome_of(starlette_with(hook, middleware=[Middleware(GZipMiddleware)]))

    assert isinstance(outcome, Responded)
    assert (outcome.body, "Content-Encoding" in dict(outcome.headers)) == (body, False)


def test_middleware_with_tasks_of_its_own_works() -> None:
    class Stamp(BaseHTTPMiddleware):
        async def dispatch(
            self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
        ) -> Response:
            response = await call_next(request)
            response.headers["X-Stamp"] = "yes"
            return response

    async def hook(request: Request) -> Response:
        return Response(await request.body())

    outcome = outcome_of(
        starlette_with(hook, middleware=[Middleware(Stamp)]), a_request(body=b"abc")
    )

    assert outcome == Responded(200, (("Content-Length", "3"), ("X-Stamp", "yes")), b"abc")


def test_starlette_runs_under_trio() -> None:
    async def hook(request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(await request.body())

    outcome = trio.run(AsgiDestination(starlette_with(hook)).call, a_request(body=b"abc"))

    assert outcome == Responded(200, (("Content-Length", "3"),), b"abc")


def test_a_starlette_lifespan_runs_around_the_deliveries_and_shares_its_state() -> None:
    happened: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
        happened.append("started")
        yield {"database": "connected"}
        await anyio.lowlevel.checkpoint()
        happened.append("stopped")

    async def hook(request: Request) -> Response:
        happened.append(request.state.database)
        return Response()

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])], lifespan=lifespan)
    destination = AsgiDestination(app)

    asyncio.run(destination.call(a_request()))
    destination.shutdown()

    assert happened == ["started", "connected", "stopped"]


def test_a_starlette_app_that_cannot_start_is_named_with_its_traceback() -> None:
    def connect() -> None:
        raise ConnectionError("no database")

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        connect()
        yield

    destination = AsgiDestination(Starlette(lifespan=lifespan))

    with pytest.raises(
        UsageError, match=r"the app Starlette could not start[^$]*no database"
    ) as raised:
        asyncio.run(destination.call(a_request()))

    assert isinstance(raised.value.__cause__, ConnectionError)


def test_a_starlette_app_that_fails_to_stop_is_told_of() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        raise ConnectionError("database went first")

    destination = AsgiDestination(Starlette(lifespan=lifespan))
    asyncio.run(destination.call(a_request()))

    with pytest.raises(UsageError, match="did not shut down cleanly") as raised:
        destination.shutdown()

    assert isinstance(raised.value.__cause__, ConnectionError)


def test_the_end_of_a_trio_run_is_no_failure_of_a_starlette_app() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await trio.lowlevel.checkpoint()

    destination = AsgiDestination(Starlette(lifespan=lifespan))

    trio.run(destination.call, a_request())
    destination.shutdown()


def test_fastapi_validates_injects_and_cleans_up() -> None:
    happened: list[str] = []
    app = fastapi.FastAPI()

    def database() -> Iterator[str]:
        happened.append("opened")
        yield "database"
        happened.append("closed")

    @app.post("/hook")
    async def hook(
        order: Annotated[dict[str, int], fastapi.Body()],
        opened: Annotated[str, fastapi.Depends(database)],
    ) -> dict[str, int]:
        happened.append(opened)
        return order

    json = (("Content-Type", "application/json"),)
    fine = outcome_of(app, a_request(body=b'{"tea":2}', headers=json))
    refused = outcome_of(app, a_request(body=b"[]", headers=json))

    assert fine == Responded(
        200, (("Content-Length", "9"), ("Content-Type", "application/json")), b'{"tea":2}'
    )
    assert isinstance(refused, Responded)
    assert refused.status == 422
    assert happened[:3] == ["opened", "database", "closed"]


def test_a_plain_function_of_fastapi_runs_in_a_thread() -> None:
    app = fastapi.FastAPI()

    @app.post("/hook")
    def hook() -> str:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return "from a thread"

    outcome = outcome_of(app)

    assert isinstance(outcome, Responded)
    assert outcome.body == b'"from a thread"'
