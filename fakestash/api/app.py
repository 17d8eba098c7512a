"""The service as an ASGI application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from fakestash.api import cors
from fakestash.api.errors import (
    OnDefect,
    handlers_for_other_routes,
    log_defect,
    refusal_reply,
    response_of,
)
from fakestash.api.guard import Guard
from fakestash.api.service import Service
from fakestash.api.strictness import Strictness, strictness_routes
from fakestash.api.table import TABLE
from fakestash.decisions import D128_V1_JSON_DELETIONS
from fakestash.engine import Engine
from fakestash.errors import ServiceError


def create_app(
    engine: Engine,
    *,
    on_defect: OnDefect | None = None,
    extra_routes: Sequence[Route] = (),
    guard: Guard | None = None,
    strictness: Strictness | None = None,
    llm_target: str | None = None,
    v1_json_deletions: bool = D128_V1_JSON_DELETIONS,
) -> ASGIApp:
    """The API of ``engine``'s service.

    Args:
        engine: what all requests are answered from.
        on_defect: gets every unexpected exception, whose caller sees an internal server error;
            without it they go to the log of the process.
        extra_routes: are tried before the service's own. What they raise is answered in the
            service's envelope too.
        guard: says which requests may use the extra routes; without it all may.
        strictness: takes note of what clients ask for that the service does not have; shown at
            ``/_fakestash/strictness``. Without it the app has its own.
        llm_target: the URL that stands in for the destination ``api/llm``; without it that one
            is refused (D132).
        v1_json_deletions: answer deletions of version 1 in JSON, as documented, and not with the
            texts that were seen (D128).
    """
    report = on_defect or log_defect
    strictness = strictness or Strictness(engine.clock)
    routes = [*extra_routes, *strictness_routes(strictness)]
    framework = Starlette(routes=routes, exception_handlers=handlers_for_other_routes(report))
    service = Service(
        engine,
        TABLE,
        report,
        otherwise=framework.router.default,
        strictness=strictness,
        llm_target=llm_target,
        json_deletions=v1_json_deletions,
    )
    framework.router.default = service
    # A slash at the end means nothing here; the framework would redirect to another path.
    framework.router.redirect_slashes = False
    return _front(
        service, framework, tuple(route.path.partition("{")[0] for route in routes), guard
    )


def _front(
    service: Service, framework: Starlette, beginnings: tuple[str, ...], guard: Guard | None
) -> ASGIApp:
    """What takes each request first; paths of the framework's own routes have ``beginnings``."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await framework(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await cors.answer_preflight(scope, send)
            return
        if cors.names_origin(scope["headers"]):
            send = cors.with_answer_header(scope, send)
        # The layers of the framework cost as much as a publish: what cannot be for another route
        # goes around them.
        is_for_service = not scope.get("root_path") and not scope["path"].startswith(beginnings)
        if is_for_service:
            await service(scope, receive, send)
            return
        if guard is not None:
            try:
                guard.check(scope)
            except ServiceError as refusal:
                await response_of(refusal_reply(refusal))(scope, receive, send)
                return
        await framework(scope, receive, send)

    return app
