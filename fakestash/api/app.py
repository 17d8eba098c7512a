"""The service as an ASGI application."""

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from fakestash.api import cors
from fakestash.api.errors import OnDefect, log_defect
from fakestash.api.faults.active import ApiFaults
from fakestash.api.service import Service
from fakestash.api.strictness import Strictness
from fakestash.api.table import TABLE
from fakestash.decisions import D128_V1_JSON_DELETIONS
from fakestash.engine import Engine


def create_app(
    engine: Engine,
    *,
    on_defect: OnDefect | None = None,
    strictness: Strictness | None = None,
    faults: ApiFaults | None = None,
    llm_target: str | None = None,
    v1_json_deletions: bool = D128_V1_JSON_DELETIONS,
) -> ASGIApp:
    """The API of ``engine``'s service.

    Args:
        engine: what all requests are answered from.
        on_defect: gets every unexpected exception, whose caller sees an internal server error;
            without it they go to the log of the process.
        strictness: takes note of what clients ask for that the service does not have; without it
            the app has its own.
        faults: what callers are to see go wrong; without it nothing does.
        llm_target: the URL that stands in for the destination ``api/llm``; without it that one
            is refused (D132).
        v1_json_deletions: answer deletions of version 1 in JSON, as documented, and not with the
            texts that were seen (D128).
    """
    framework = Router()
    service = Service(
        engine,
        TABLE,
        on_defect or log_defect,
        otherwise=framework,
        strictness=strictness or Strictness(engine.clock),
        faults=ApiFaults() if faults is None else faults,
        llm_target=llm_target,
        json_deletions=v1_json_deletions,
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["method"] == "OPTIONS":
                await cors.answer_preflight(scope, send)
                return
            if cors.names_origin(scope["headers"]):
                send = cors.with_answer_header(scope, send)
        await service(scope, receive, send)

    return app
