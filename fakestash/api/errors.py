"""From errors to replies: the one place that knows the service's error envelope.

A refusal becomes the service's own answer. Anything else that a handler raises is a defect of
the fake: the caller gets a 500, and the owner of the fake gets the exception.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from fakestash import refusals
from fakestash.api.calls import Reply, json_reply
from fakestash.api.paths import undecoded_path
from fakestash.api.routes import in_order
from fakestash.errors import ServiceError
from fakestash.wire.values import shown

OnDefect: TypeAlias = Callable[[Exception], None]
"""Takes an exception that the caller has only been told about as an internal server error."""

_NOT_ALLOWED: Final = 405

_log: Final = logging.getLogger("fakestash")


def log_defect(defect: Exception) -> None:
    """Write the exception to the log of the process."""
    _log.error("a request to the fake failed unexpectedly", exc_info=defect)


def refusal_reply(refusal: ServiceError) -> Reply:
    """The envelope ``{"error":"<text>"}`` with the status and headers of the refusal."""
    return json_reply(refusal.status, {"error": refusal.text})._replace(headers=refusal.headers)


def defect_reply(defect: Exception, on_defect: OnDefect) -> Reply:
    """Hand the exception to its owner; the reply tells nothing about it."""
    on_defect(defect)
    return refusal_reply(refusals.internal_error())


def handlers_for_other_routes(
    on_defect: OnDefect,
) -> dict[int | type[Exception], ExceptionHandler]:
    """The same for routes of the framework that were added to ours."""

    async def refused(_: Request, error: Exception) -> Response:
        refusal = error if isinstance(error, ServiceError) else refusals.internal_error()
        return response_of(refusal_reply(refusal))

    async def not_allowed(request: Request, error: Exception) -> Response:
        header = (error.headers or {}) if isinstance(error, HTTPException) else {}
        # The framework lists them in any order.
        methods = in_order(header.get("Allow", "").split(", "))
        path = shown(undecoded_path(request.scope))
        return response_of(
            refusal_reply(refusals.method_not_allowed(request.method, path, methods))
        )

    async def failed(_: Request, error: Exception) -> Response:
        return response_of(defect_reply(error, on_defect))

    return {ServiceError: refused, _NOT_ALLOWED: not_allowed, Exception: failed}


def response_of(reply: Reply) -> Response:
    """The same for the framework, which can call it as an app."""
    response = Response(reply.body, reply.status, dict(reply.headers))
    response.headers["content-type"] = reply.content_type.decode()
    return response
