"""Topics and their endpoints, made by hand."""

import pytest

from tests.api.client import (
    EMPTY,
    SOMEBODY_ELSE,
    Api,
    Response,
    error_response,
    json_response,
)
from tests.api.v1.client import ACCEPTED, DELETED, make, publish, topic
from tests.builders import SECOND

ONE, TWO, THREE = "https://one.test/a", "https://two.test/b", "https://three.test/c"


def shown(topic_id: str, name: str, *endpoints: tuple[str, str]) -> str:
    """A topic as text."""
    inner = ",".join(endpoint(topic_id, *each) for each in endpoints)
    return f'{{"topicId":"{topic_id}","name":"{name}","endpoints":[{inner}]}}'


def endpoint(topic_id: str, endpoint_id: str, url: str) -> str:
    """An endpoint as text."""
    return f'{{"endpointId":"{endpoint_id}","url":"{url}","topicId":"{topic_id}"}}'


def no_topic(ref: str) -> Response:
    return error_response(404, f"topic {ref} not found")


# --- topics --------------------------------------------------------------------------------


@pytest.mark.fidelity("GET /v1/topics", "docs")
@pytest.mark.fidelity("POST /v1/topics", "docs")
@pytest.mark.fidelity("GET /v1/topics/{id}", "docs")
def test_a_topic_is_made_empty_and_found_by_name_and_id() -> None:
    api = Api()

    made = api.send("POST", "/v1/topics", {"name": "or.d-e_rs"})
    topic_id = make(api, "topics", {"name": "other"})["topicId"]

    first = api.read("/v1/topics/or.d-e_rs")["topicId"]
    assert (first[:4], len(first), first != topic_id) == ("tpc_", 32, True)
    assert made == json_response(200, shown(first, "or.d-e_rs"))
    assert api.call("GET", f"/v1/topics/{topic_id}") == json_response(200, shown(topic_id, "other"))
    assert api.call("GET", "/v1/Topics/") == json_response(
        200, f"[{shown(first, 'or.d-e_rs')},{shown(topic_id, 'other')}]"
    )
    assert api.call("GET", "/v1/topics", token=SOMEBODY_ELSE) == json_response(200, "[]")


@pytest.mark.fidelity(
    "version 1: a topic of a name that is taken", "assumed", verdict="approximate", here="a 409"
)
def test_a_second_topic_of_a_name_is_a_conflict() -> None:
    api = Api()
    topic(api, "a")
    topic(api, "b")
    before = api.state()

    assert api.send("POST", "/v1/topics", {"name": "a"}) == error_response(
        409, "topic a already exists"
    )
    assert api.send("PUT", "/v1/topics/b", {"name": "a"}) == error_response(
        409, "topic a already exists"
    )
    assert api.state() == before


@pytest.mark.fidelity("PUT /v1/topics/{id}", "docs")
def test_a_topic_gets_another_name_and_keeps_its_place_id_and_endpoints() -> None:
    api = Api()
    first = topic(api, "a", ONE)
    second = topic(api, "b")
    endpoint_id = api.read("/v1/endpoints")[0]["endpointId"]
    renamed = shown(first, "c", (endpoint_id, ONE))

    assert api.send("PUT", "/v1/topics/a", {"name": "c"}) == json_response(200, renamed)
    assert api.send("PUT", f"/v1/topics/{second}", {"name": "b"}) == json_response(
        200, shown(second, "b")
    )
    assert api.call("GET", "/v1/topics") == json_response(200, f"[{renamed},{shown(second, 'b')}]")
    assert api.call("GET", "/v1/topics/a") == no_topic("a")


@pytest.mark.fidelity("DELETE /v1/topics/{id}", "measured")
@pytest.mark.parametrize("by_id", [False, True])
def test_a_deleted_topic_takes_its_endpoints_along_and_leaves_its_messages(by_id: bool) -> None:
    api = Api()
    topic_id = topic(api, "a", ONE, TWO)
    message_id = publish(api, "a")
    ref = topic_id if by_id else "a"

    assert api.call("DELETE", f"/v1/topics/{ref}") == DELETED
    assert api.read("/v1/endpoints") == api.read("/v1/topics") == []
    assert api.call("DELETE", f"/v1/topics/{ref}") == no_topic(ref)
    api.stage.advance(0)
    assert [task["state"] for task in api.read(f"/v1/messages/{message_id}/tasks")["tasks"]] == [
        "delivered",
        "delivered",
    ]


# --- endpoints -----------------------------------------------------------------------------


@pytest.mark.fidelity("GET /v1/endpoints", "docs")
@pytest.mark.fidelity("POST /v1/endpoints", "docs")
@pytest.mark.fidelity("GET /v1/endpoints/{id}", "docs")
def test_endpoints_are_added_by_the_id_or_the_name_of_their_topic() -> None:
    api = Api()
    topic_id = topic(api, "a")

    first = api.send("POST", "/v1/endpoints", {"url": ONE, "topicId": topic_id})
    second = api.send("POST", "/v1/endpoints", {"url": TWO, "topicName": "a"})
    third = api.send("POST", "/v1/endpoints", {"url": TWO, "topicId": topic_id, "topicName": "x"})

    ids = [each["endpointId"] for each in api.read("/v1/endpoints")]
    assert [(each[:4], len(each)) for each in ids] == [("ept_", 32)] * 3
    assert len(set(ids)) == 3
    texts = [
        endpoint(topic_id, endpoint_id, url)
        for endpoint_id, url in zip(ids, (ONE, TWO, TWO), strict=True)
    ]
    assert [first, second, third] == [json_response(200, text) for text in texts]
    assert api.call("GET", "/v1/endpoints") == json_response(200, f"[{','.join(texts)}]")
    assert api.call("GET", f"/v1/endpoints/{ids[1]}") == json_response(200, texts[1])
    assert api.call("GET", "/v1/topics/a") == json_response(
        200, shown(topic_id, "a", *zip(ids, (ONE, TWO, TWO), strict=True))
    )


def test_a_topic_is_not_named_by_an_id_nor_identified_by_a_name() -> None:
    api = Api()
    topic_id = topic(api, "a")

    assert api.send("POST", "/v1/endpoints", {"url": ONE, "topicId": "a"}) == no_topic("a")
    assert api.send("POST", "/v1/endpoints", {"url": ONE, "topicName": topic_id}) == no_topic(
        topic_id
    )


@pytest.mark.fidelity("PUT /v1/endpoints/{id}", "docs")
def test_another_url_is_for_what_is_published_from_then_on() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE, TWO)
    first, second = (each["endpointId"] for each in api.read("/v1/endpoints"))
    publish(api, "a")

    assert api.send("PUT", f"/v1/endpoints/{first}", {"url": THREE}) == json_response(
        200, endpoint(topic_id, first, THREE)
    )
    assert api.call("GET", "/v1/topics/a") == json_response(
        200, shown(topic_id, "a", (first, THREE), (second, TWO))
    )
    publish(api, "a")
    api.stage.advance(0)
    assert [request.url for request in api.stage.destination.requests] == [ONE, TWO, THREE, TWO]


@pytest.mark.fidelity(
    "version 1: deleting the last endpoint of a topic",
    "assumed",
    verdict="approximate",
    here="the topic stays, empty",
)
@pytest.mark.fidelity("DELETE /v1/endpoints/{id}", "measured")
def test_a_topic_whose_last_endpoint_is_deleted_stays() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE)
    (only,) = api.read("/v1/endpoints")

    assert api.call("DELETE", f"/v1/endpoints/{only['endpointId']}") == DELETED
    assert api.call("GET", "/v1/topics/a") == json_response(200, shown(topic_id, "a"))
    assert api.call("GET", f"/v1/endpoints/{only['endpointId']}") == error_response(
        404, f"endpoint {only['endpointId']} not found"
    )


# --- how deletions are answered ------------------------------------------------------------


def deletions(api: Api) -> list[Response]:
    """The answers to one deletion of each kind."""
    topic(api, "a", ONE)
    (only,) = api.read("/v1/endpoints")
    publish(api, ONE, ("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "s"))
    paths = (
        f"endpoints/{only['endpointId']}",
        "topics/a",
        f"messages/{publish(api, ONE)}",
        "schedules/s",
    )
    return [api.call("DELETE", f"/v1/{path}") for path in paths]


@pytest.mark.fidelity("version 1: deletions are answered with a word", "measured")
def test_deletions_are_answered_with_a_word() -> None:
    assert deletions(Api()) == [DELETED, DELETED, ACCEPTED, ACCEPTED]


@pytest.mark.fidelity(
    "version 1: deletions are answered in JSON",
    "docs",
    verdict="different",
    here="with the words that the service was seen to send; `v1_json_deletions=True` chooses JSON",
)
def test_deletions_are_answered_in_json_if_that_is_chosen() -> None:
    deleted = json_response(200, '{"status":"ok"}')
    accepted = json_response(202, '{"status":"accepted"}')

    assert deletions(Api(v1_json_deletions=True)) == [deleted, deleted, accepted, accepted]


# --- together with version 2 ---------------------------------------------------------------


def test_a_url_group_of_version_2_is_a_topic_with_ids() -> None:
    api = Api()
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": [{"url": ONE, "name": "first"}]})
    (found,) = api.read("/v1/topics")
    endpoint_id = found["endpoints"][0]["endpointId"]

    assert api.call("GET", f"/v1/topics/{found['topicId']}") == json_response(
        200, shown(found["topicId"], "g", (endpoint_id, ONE))
    )
    assert api.send("PUT", f"/v1/endpoints/{endpoint_id}", {"url": TWO}).status == 200
    assert api.read("/v2/topics/g")["endpoints"] == [{"name": "first", "url": TWO}]


@pytest.mark.fidelity(
    "version 1: topics in version 2",
    "assumed",
    verdict="approximate",
    here="URL groups: what either version makes is there in both",
)
def test_a_topic_is_a_url_group_of_version_2() -> None:
    api = Api()
    topic(api, "a")
    api.stage.advance(SECOND)
    make(api, "endpoints", {"url": ONE, "topicName": "a"})

    assert api.call("GET", "/v2/topics") == json_response(
        200,
        '[{"createdAt":1767225600000,"updatedAt":1767225601000,"name":"a",'
        f'"endpoints":[{{"url":"{ONE}"}}]}}]',
    )


def test_version_2_publishes_nothing_to_an_empty_topic_and_does_not_know_its_id() -> None:
    api = Api()
    topic_id = topic(api, "a")

    assert api.call("POST", "/v2/publish/a") == json_response(201, "[]")
    assert api.call("POST", f"/v2/publish/{topic_id}") == no_topic(topic_id)
    assert api.call("GET", f"/v2/topics/{topic_id}") == no_topic(topic_id)


def test_version_2_deletes_a_topic_with_its_last_endpoint_but_not_an_empty_one() -> None:
    api = Api()
    topic(api, "a", ONE)
    topic(api, "empty")
    unknown = {"endpoints": [{"url": ONE}]}

    assert api.send("DELETE", "/v2/topics/a/endpoints", unknown) == EMPTY
    assert api.send("DELETE", "/v2/topics/empty/endpoints", unknown) == EMPTY
    assert [each["name"] for each in api.read("/v1/topics")] == ["empty"]
