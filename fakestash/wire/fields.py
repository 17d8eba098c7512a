"""The header fields of a publish, sorted into what counts and what is passed on.

Settings may come from three places, the stronger first (D61): header fields, query parameters
of the same names, and the default headers of the URL group that is published to. Within one
place the first value that is not empty counts (D80), and an empty value is none (official
clients send such).

This runs for every message, so the fields are looked through once and no value is parsed here.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from fakestash.model.outcomes import HeaderItems
from fakestash.wire.forwarding import CONTENT_TYPE, HeaderLayer, RawHeaders, with_everything

_BLANKS: Final = b" \t"
SETTING: Final = b"upstash-"
"""What the names of all settings begin with."""

FORWARD: Final = b"upstash-forward-"
"""What the names of headers begin with that are to be passed on."""

# Plain numbers, because these are used for every header field of every publish.
_SETTING_LENGTH: Final = len(SETTING)
_FORWARD_LENGTH: Final = len(FORWARD)


class Fields(NamedTuple):
    """What a call says.

    ``settings`` are the values that count by lower-case name; ``named`` the fields to pass on,
    without their prefix; ``headers`` all of the call's own fields, and ``weaker`` those that
    stand in where it has none of the name.
    """

    settings: dict[bytes, bytes]
    named: list[tuple[bytes, bytes]]
    content_type: bytes
    headers: RawHeaders
    weaker: tuple[HeaderLayer, ...]


def sorted_fields(headers: RawHeaders, weaker: tuple[HeaderLayer, ...] = ()) -> Fields:
    """Sort the fields of a call. ``weaker`` are parameters and defaults, the stronger first."""
    settings: dict[bytes, bytes] = {}
    named: list[tuple[bytes, bytes]] = []
    content_type = b""
    for name, value in headers:
        if name[:_SETTING_LENGTH] == SETTING:
            if name[:_FORWARD_LENGTH] == FORWARD:
                if value:
                    named.append((name[_FORWARD_LENGTH:], value))
            elif name not in settings and value.strip(_BLANKS):
                settings[name] = value
        elif name == CONTENT_TYPE and not content_type:
            content_type = value
    fields = Fields(settings, named, content_type, headers, weaker)
    return _filled(fields) if weaker else fields


def default_layer(defaults: Iterable[tuple[str, tuple[str, ...]]]) -> HeaderLayer:
    """The default headers of a URL group in the form of header fields."""
    return tuple(
        (name.encode().lower(), value.strip(" \t").encode())
        for name, values in defaults
        for value in values
    )


def everything(fields: Fields, *, token_in_header: bool) -> HeaderItems:
    """The header of a message that takes all of the call's own along (D85).

    Raises:
        ServiceError: 400 if a field could not be sent on.
    """
    headers = fields.headers
    if fields.weaker:
        headers = [*headers, *_plain_ones_missing_in(headers, fields.weaker)]
    return with_everything(headers, fields.named, token_in_header=token_in_header)


def named_after(prefix: bytes, fields: Fields) -> list[tuple[bytes, bytes]]:
    """The fields that begin with ``prefix``, without it; each name from the strongest place."""
    found: list[tuple[bytes, bytes]] = []
    for layer in (fields.headers, *fields.weaker):
        taken = {name for name, _ in found}
        found += [
            (rest, value)
            for name, value in layer
            if name.startswith(prefix) and value and (rest := name[len(prefix) :]) not in taken
        ]
    return found


def _filled(fields: Fields) -> Fields:
    """``fields`` with the values of the weaker places where the stronger have none."""
    content_type = fields.content_type
    for layer in fields.weaker:
        taken = {name for name, _ in fields.named}
        for name, value in layer:
            if name.startswith(FORWARD):
                if value and name[_FORWARD_LENGTH:] not in taken:
                    fields.named.append((name[_FORWARD_LENGTH:], value))
            elif name.startswith(SETTING):
                if value.strip(_BLANKS):
                    fields.settings.setdefault(name, value)
            elif name == CONTENT_TYPE and not content_type:
                content_type = value
    return fields._replace(content_type=content_type)


def _plain_ones_missing_in(headers: RawHeaders, weaker: tuple[HeaderLayer, ...]) -> HeaderLayer:
    taken = {name for name, _ in headers}
    return tuple(field for layer in weaker for field in layer if field[0] not in taken)
