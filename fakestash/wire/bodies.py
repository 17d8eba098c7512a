"""The JSON bodies of the calls that manage queues and URL groups, and lists of ids."""

from typing import NamedTuple

from fakestash import refusals
from fakestash.model.resources import Endpoint, EndpointRef
from fakestash.wire import json_fields
from fakestash.wire.destinations import checked_url
from fakestash.wire.json_fields import JsonFields, object_in
from fakestash.wire.settings import name

_ENDPOINTS = "endpoints"
_HEADERS = "headers"


class QueueBody(NamedTuple):
    """What ``POST /v2/queues`` asks for."""

    name: str
    parallelism: int
    paused: bool


def read_queue(body: bytes) -> QueueBody:
    """The queue to make or to replace; of one attempt at a time and running, if it is not said.

    Raises:
        ServiceError: 400 for a bad body, name or parallelism.
    """
    fields = object_in(body)
    queue = name(json_fields.required_text(fields, "queueName"), "queue name")
    parallelism = json_fields.integer(fields, "parallelism")
    if parallelism is not None and parallelism < 1:
        raise refusals.invalid_field("parallelism", "must be greater than 0")
    paused = json_fields.boolean(fields, "paused")
    return QueueBody(queue, 1 if parallelism is None else parallelism, paused or False)


def read_endpoints(body: bytes) -> tuple[Endpoint, ...]:
    """The endpoints to add to a URL group. Their URLs are checked like destinations (D60).

    Raises:
        ServiceError: 400 for a bad body, for no endpoint at all, and for a bad URL.
    """
    return tuple(
        Endpoint(
            checked_url(json_fields.required_text(endpoint, "url")),
            json_fields.text(endpoint, "name") or None,
        )
        for endpoint in _endpoints(body)
    )


def read_endpoint_refs(body: bytes) -> tuple[EndpointRef, ...]:
    """The endpoints to remove from a URL group: by name, by URL, or by both.

    Raises:
        ServiceError: 400 for a bad body, for no endpoint at all, and for one with neither.
    """
    found = tuple(
        EndpointRef(
            json_fields.text(endpoint, "name") or None, json_fields.text(endpoint, "url") or None
        )
        for endpoint in _endpoints(body)
    )
    if any(endpoint == EndpointRef() for endpoint in found):
        raise refusals.invalid_field(_ENDPOINTS, "must have a name or a url each")
    return found


def read_default_headers(body: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The default headers for publishes to a URL group, names and values as given, in order.

    Raises:
        ServiceError: 400 for a bad body.
    """
    headers = json_fields.header_map(object_in(body), _HEADERS)
    if headers is None:
        raise refusals.missing_field(_HEADERS)
    return headers


def ids_in_body(body: bytes, key: str) -> tuple[str, ...]:
    """The ids that a bulk call names under ``key`` in its body; none if the body is empty.

    Fields that no such call has are refused: passed over, a filter would let the call reach
    more than was meant (D13).

    Raises:
        ServiceError: 400 for a bad body or another field.
    """
    if not body:
        return ()
    fields = object_in(body)
    json_fields.refuse_others(fields, frozenset({key}))
    return json_fields.texts(fields, key)


def _endpoints(body: bytes) -> list[JsonFields]:
    values = json_fields.array(object_in(body), _ENDPOINTS)
    if values is None:
        raise refusals.missing_field(_ENDPOINTS)
    if not values:
        raise refusals.invalid_field(_ENDPOINTS, "must not be empty")
    if not all(isinstance(value, dict) for value in values):
        raise refusals.invalid_field(_ENDPOINTS, "must be an array of objects")
    return json_fields.objects(values)
