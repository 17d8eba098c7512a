"""Short ways to what version 1 is asked in most stories."""

import json
from typing import Any, Final

from fakestash.delivery.outbound import OutboundRequest
from fakestash.ids import task_id_of
from fakestash.model.outcomes import Outcome, Responded
from tests.api.client import Api, Header, Response
from tests.builders import BROKEN, OK, USER

URL: Final = "https://shop.test/hook"
TEXT: Final = ("content-type", "text/plain; charset=utf-8")

DELETED: Final = Response(200, (("content-length", "2"), TEXT), "OK")
ACCEPTED: Final = Response(202, (("content-length", "8"), TEXT), "Accepted")


def by_place(request: OutboundRequest) -> Outcome:
    """What a destination answers by its host: broken ones fail, slow ones take 2 s."""
    if "broken" in request.url:
        return BROKEN
    return Responded(200, took=2000) if "slow" in request.url else OK


def publish(api: Api, target: str, *header: Header, body: bytes = b"hi") -> str:
    """Publish something new; the id of the message or schedule."""
    response = api.call("POST", f"/v1/publish/{target}", *header, body=body)
    assert response.status == 201, response
    (made,) = json.loads(response.body).values()
    return str(made)


def make(api: Api, path: str, value: object) -> Any:  # noqa: ANN401 - it is any JSON
    """Make a topic or an endpoint; what is answered."""
    response = api.send("POST", f"/v1/{path}", value)
    assert response.status == 200, response
    return json.loads(response.body)


def topic(api: Api, name: str, *urls: str) -> str:
    """Make a topic with endpoints by hand; its id."""
    made = make(api, "topics", {"name": name})["topicId"]
    for url in urls:
        make(api, "endpoints", {"url": url, "topicId": made})
    return str(made)


def task_ids(api: Api, publication_id: str) -> list[str]:
    """The ids of the tasks of a message, in the order of its endpoints."""
    publication = api.engine.publications.get(USER, publication_id)
    return [task_id_of(message.id) for message in publication.messages]
