"""``POST /v2/batch``: a JSON array of publishes.

Each entry has its destination, its own headers, its body and perhaps a queue; what the call
itself has in its headers and query goes for none of them (D37). A mistake in any entry refuses
the whole call, before anything is made (D38).
"""

from typing import Final

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishRequest
from fakestash.wire.json_fields import (
    JsonFields,
    array_in,
    header_map,
    objects,
    required_text,
    text,
)
from fakestash.wire.known import NOBODY, Watch
from fakestash.wire.publish import DefaultsOf, no_defaults, read_enqueue, read_publish

_KEYS: Final = frozenset({"destination", "headers", "body", "queue"})
_ENTRY: Final = "an entry of POST /v2/batch"


def read_batch(
    body: bytes,
    *,
    caller_ip: str,
    defaults_of: DefaultsOf = no_defaults,
    llm_target: str | None = None,
    watch: Watch = NOBODY,
) -> tuple[PublishRequest | ServiceError, ...]:
    """What each entry asks for, in order; an error among them is the answer to its entry.

    All headers of an entry are its own, so one that forwards everything forwards them all.

    Args:
        body: of the call.
        caller_ip: the publisher's address.
        defaults_of: asked for the default headers of each group.
        llm_target: the URL that stands in for ``api/llm`` (D132).
        watch: is shown the keys and headers of each entry.

    Raises:
        ServiceError: 400 for a bad shape, value or destination.
    """
    return tuple(
        _request(entry, caller_ip, defaults_of, llm_target, watch)
        for entry in objects(array_in(body))
    )


def _request(
    entry: JsonFields,
    caller_ip: str,
    defaults_of: DefaultsOf,
    llm_target: str | None,
    watch: Watch,
) -> PublishRequest:
    watch.keys(entry, _KEYS, _ENTRY)
    # In the form of a request target, which is what destinations are read from.
    target = required_text(entry, "destination").encode().decode("latin-1")
    destination, _, query = target.partition("?")
    headers = tuple(
        (name.encode().lower(), value.strip(" \t").encode())
        for name, values in header_map(entry, "headers") or ()
        for value in values
    )
    watch.headers(headers, _ENTRY)
    body = (text(entry, "body") or "").encode()
    queue = text(entry, "queue")
    if queue:
        return read_enqueue(
            queue,
            destination,
            query,
            headers,
            body,
            caller_ip=caller_ip,
            token_in_header=False,
            defaults_of=defaults_of,
            llm_target=llm_target,
        )
    return read_publish(
        destination,
        query,
        headers,
        body,
        caller_ip=caller_ip,
        token_in_header=False,
        defaults_of=defaults_of,
        llm_target=llm_target,
    )
