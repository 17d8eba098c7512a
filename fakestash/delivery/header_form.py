"""The headers of a delivery: what like ones have in common is made once.

Header names and values are as measured on the service; their order is D98. A system header
wins over a forwarded one of the same name, except ``Content-Type`` (D81).

From one delivery to the next of its kind only a few values change, so the rest is put in order,
and turned into bytes, when the first of the kind goes out.
"""

from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from fakestash.model.messages import PublishCommand
from fakestash.model.outcomes import HeaderItems
from fakestash.model.settings import NO_EXTRAS, Extras
from fakestash.wire.urls import host_of

USER_AGENT: Final = "Upstash-QStash"
_METHODS_WITH_LENGTH: Final = frozenset({"POST", "PUT", "PATCH"})
_NEVER_FORWARDED: Final = frozenset(
    {
        # What frames the request is the client's own business, as in the service's HTTP library.
        "Transfer-Encoding",
        "Trailer",
        "Host",
        "User-Agent",
        "Content-Length",
        "Accept-Encoding",
        "Upstash-Message-Id",
        "Upstash-Retried",
        "Upstash-Signature",
        "Upstash-Caller-Ip",
        "Upstash-Region",
        "Upstash-Topic-Name",
        "Upstash-Schedule-Id",
    }
)
_OWN: Final = ("Upstash-Message-Id", "Upstash-Retried", "Upstash-Signature", "Content-Length")
"""The headers that differ from one delivery to the next. The last is not in all of them."""


class HeaderForm(NamedTuple):
    """Header fields with casing and order, those of ``_OWN`` still empty.

    ``fields`` are the same as ASGI has them; ``places`` says where the empty ones are.
    """

    items: HeaderItems
    fields: tuple[tuple[bytes, bytes], ...]
    places: tuple[int, ...]

    def filled(self, values: tuple[str, str, str, str]) -> HeaderItems:
        """The fields with message id, number of retries, signature and length."""
        items = list(self.items)
        for place, value in zip(self.places, values, strict=False):
            items[place] = (items[place][0], value)
        return tuple(items)

    def filled_fields(self, values: tuple[str, str, str, str]) -> list[tuple[bytes, bytes]]:
        """The same as ASGI has them: bytes, with names in lower case."""
        fields = list(self.fields)
        for place, value in zip(self.places, values, strict=False):
            fields[place] = (fields[place][0], value.encode())
        return fields


def form_of(command: PublishCommand, region: str) -> HeaderForm:
    """The form for deliveries of ``command``."""
    has_length = bool(command.body) or command.method in _METHODS_WITH_LENGTH
    origin = () if command.extras is NO_EXTRAS else _origin(command.extras)
    return _form(
        host_of(command.url), has_length, command.caller_ip, region, origin, command.headers
    )


@lru_cache(maxsize=256)
def _form(  # noqa: PLR0917 - the key of the cache
    host: str,
    has_length: bool,  # noqa: FBT001 - as above
    caller_ip: str,
    region: str,
    origin: HeaderItems,
    forwarded: HeaderItems,
) -> HeaderForm:
    named = [
        ("Upstash-Caller-Ip", caller_ip),
        ("Upstash-Message-Id", ""),
        ("Upstash-Region", region),
        ("Upstash-Retried", ""),
        ("Upstash-Signature", ""),
        *origin,
        *(item for item in forwarded if item[0] not in _NEVER_FORWARDED),
    ]
    named.sort(key=itemgetter(0))
    length = (("Content-Length", ""),) if has_length else ()
    first = (("Host", host), ("User-Agent", USER_AGENT), *length)
    items = (*first, *named, ("Accept-Encoding", "gzip"))
    names = [name for name, _ in items]
    return HeaderForm(
        items,
        tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in items),
        tuple(names.index(name) for name in _OWN if name in names),
    )


def _origin(extras: Extras) -> HeaderItems:
    """What a message says of the URL group and the schedule that it comes from."""
    origin = (("Upstash-Topic-Name", extras.topic), ("Upstash-Schedule-Id", extras.schedule_id))
    return tuple([(name, value) for name, value in origin if value is not None])
