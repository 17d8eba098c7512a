"""What lists of version 1 are asked, and the JSON bodies of its calls.

A list has one parameter, the cursor that came with the page before; it refuses any other (D13).
"""

from dataclasses import replace
from typing import Final, NamedTuple

from fakestash import refusals
from fakestash.decisions import D65_V1_PAGE
from fakestash.model.queries import LogQuery
from fakestash.wire import json_fields
from fakestash.wire.destinations import checked_url
from fakestash.wire.json_fields import object_in
from fakestash.wire.lists import read_log_query
from fakestash.wire.parameters import Parameters
from fakestash.wire.settings import name
from fakestash.wire.values import natural

_CURSOR: Final = "cursor"
_ONLY_CURSOR: Final = frozenset({_CURSOR})


class EndpointBody(NamedTuple):
    """A URL to add to the topic of this id, or else of this name."""

    url: str
    topic_id: str | None
    topic_name: str | None


def read_cursor(query: str) -> int | None:
    """The instant (unix ms) before which the rows of a list are asked for.

    None and 0 ask for the newest ones: 0 is how a client may write that it has no cursor.

    Raises:
        ServiceError: 400 for an unknown key or a cursor that is no number.
    """
    text = Parameters.of_query(query, _ONLY_CURSOR).one(_CURSOR)
    if text is None:
        return None
    cursor = natural(text)
    if cursor is None:
        raise refusals.invalid_choice(_CURSOR, text)
    return cursor or None


def read_event_query(query: str) -> LogQuery:
    """The question to ``GET /v1/events``, whose cursor is the id of an event.

    Raises:
        ServiceError: 400 for an unknown key or a bad cursor.
    """
    Parameters.of_query(query, _ONLY_CURSOR)
    asked = read_log_query(query)
    return replace(asked, paging=replace(asked.paging, count=D65_V1_PAGE))


def read_endpoint(body: bytes) -> EndpointBody:
    """The endpoint to add to a topic; if the topic is given in both ways its id counts.

    Raises:
        ServiceError: 400 for a bad body or URL, and without a topic.
    """
    fields = object_in(body)
    url = checked_url(json_fields.required_text(fields, "url"))
    topic_id = json_fields.text(fields, "topicId") or None
    topic_name = json_fields.text(fields, "topicName") or None
    if topic_id is None and topic_name is None:
        raise refusals.missing_field("topicId")
    return EndpointBody(url, topic_id, topic_name)


def read_url(body: bytes) -> str:
    """The new URL of an endpoint.

    Raises:
        ServiceError: 400 for a bad body or URL.
    """
    return checked_url(json_fields.required_text(object_in(body), "url"))


def read_topic_name(body: bytes) -> str:
    """The name of a new topic, or the new name of one.

    Raises:
        ServiceError: 400 for a bad body or name.
    """
    return name(json_fields.required_text(object_in(body), "name"), "topic name")
