"""A publish as version 1 of the API takes it: all that version 2 does, and what differs.

The destination may also be the id of a topic. Retries have another default, deduplication has
rules of its own, and ``Upstash-Cron`` goes together with it. Every header of version 2 works too
(D124); headers without a prefix are passed on only if ``Upstash-Header-Forward`` asks for it
(D127).
"""

from functools import cache
from typing import Final

from fakestash import refusals
from fakestash.model.messages import PublishRequest
from fakestash.plans import FREE, Plan
from fakestash.wire.destinations import kind_of
from fakestash.wire.fields import sorted_fields
from fakestash.wire.forwarding import RawHeaders
from fakestash.wire.publish import DefaultsOf, no_defaults, read_publish, weaker_layers
from fakestash.wire.query import split
from fakestash.wire.special import DEDUPLICATION_ID, read_deduplication
from fakestash.wire.values import readable

_SETTING: Final = b"upstash-"
_RETRIES: Final = b"upstash-retries"

_FREE_RETRIES: Final = 3
_PAID_RETRIES: Final = 5


def read_publication(
    destination: str,
    query: str,
    headers: RawHeaders,
    body: bytes,
    *,
    caller_ip: str,
    token_in_header: bool,
    plan: Plan,
    defaults_of: DefaultsOf = no_defaults,
    llm_target: str | None = None,
) -> PublishRequest:
    """What a publish asks for: a publication, or a schedule that makes one each time it fires.

    Args:
        destination: the undecoded rest of the path, as Latin-1 text.
        query: the undecoded query string, as Latin-1 text.
        headers: all header fields of the request.
        body: taken as it is.
        caller_ip: the publisher's address.
        token_in_header: whether ``Authorization`` is for this service.
        plan: that of the user, which the default of retries depends on.
        defaults_of: asked for the default headers of a topic, by its name or id.
        llm_target: the URL that stands in for ``api/llm`` (D132); without it that is refused.

    Raises:
        ServiceError: 400 for a bad value or destination.
    """
    defaults_of = cache(defaults_of)  # asked twice, and it must not change in between
    weaker, _ = weaker_layers(kind_of(destination), destination, query, defaults_of)
    settings = sorted_fields(headers, weaker).settings
    _refuse_blanks(settings.get(DEDUPLICATION_ID, b""))
    deduplication_id, is_content_deduplicated = read_deduplication(settings)
    request = read_publish(
        destination,
        query,
        headers,
        body,
        caller_ip=caller_ip,
        token_in_header=token_in_header,
        defaults_of=defaults_of,
        llm_target=llm_target,
    )
    command = request.command
    if _RETRIES not in settings:
        command = command._replace(retries=default_retries(plan))
    return request._replace(
        command=command,
        deduplication_id=deduplication_id,
        is_content_deduplicated=is_content_deduplicated,
        is_publication=True,
        fingerprint=_fingerprint(headers, query) if is_content_deduplicated else b"",
    )


def default_retries(plan: Plan) -> int:
    """Retries of a publish that does not say: 3 on the free plan, 5 on the others (documented).

    No more than the plan has, where that is one of the user's own making.
    """
    return min(_FREE_RETRIES if plan.name == FREE.name else _PAID_RETRIES, plan.max_retries)


def _refuse_blanks(deduplication_id: bytes) -> None:
    """White space around the id is no part of it; inside it is refused (documented)."""
    if any(character.isspace() for character in readable(deduplication_id)):
        raise refusals.deduplication_id_with_blank()


def _fingerprint(headers: RawHeaders, query: str) -> bytes:
    """What counts for the content beside destination and body: all ``Upstash-`` headers.

    So it is documented; the query parameters that stand for headers count as such, in any order.
    """
    said = sorted(
        (name, value)
        for name, value in (*headers, *split(query).settings)
        if name.startswith(_SETTING) and value
    )
    parts = (part for field in said for part in field)
    return b"".join(len(part).to_bytes(8) + part for part in parts)
