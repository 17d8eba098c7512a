"""From errors to replies: the one place that knows the service's error envelope.

A refusal becomes the service's own answer. Anything else that a handler raises is a defect of
the fake: the caller gets a 500, and the owner of the fake gets the exception.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeAlias

from fakestash import refusals
from fakestash.api.calls import Reply, json_reply
from fakestash.errors import ServiceError

OnDefect: TypeAlias = Callable[[Exception], None]
"""Takes an exception that the caller has only been told about as an internal server error."""

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
