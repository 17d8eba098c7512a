"""URL groups: their endpoints, and one message for each of them."""

from dataclasses import replace

import pytest

from fakestash.model.messages import Accepted, Message, PublishCommand, PublishRequest
from fakestash.model.outcomes import Responded
from fakestash.model.resources import Endpoint, EndpointRef
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.plans import FREE, PAYG
from tests.builders import (
    BROKEN,
    DELIVERED,
    FAILED,
    OK,
    SHOP,
    START,
    USER,
    Stage,
    refused,
    starts,
    story,
)

A, B, C = Endpoint(SHOP + "a"), Endpoint(SHOP + "b"), Endpoint(SHOP + "c")
TO_GROUP = PublishRequest(PublishCommand(""), "g")


def add(stage: Stage, *endpoints: Endpoint, group: str = "g") -> None:
    stage.engine.url_groups.add_endpoints(USER, group, endpoints)


def remove(stage: Stage, *refs: EndpointRef) -> None:
    stage.engine.url_groups.remove_endpoints(USER, "g", refs)


def endpoints(stage: Stage, group: str = "g") -> list[tuple[str, str | None]]:
    """URL and name of each."""
    return [(each.url, each.name) for each in stage.engine.url_groups.get(USER, group).endpoints]


def shown(stage: Stage) -> list[tuple[str, int, int]]:
    """Name of each group, and when it was made and changed: offsets."""
    groups = stage.engine.url_groups.list(USER)
    return [(each.name, each.created_at - START, each.updated_at - START) for each in groups]


def made(stage: Stage, accepted: tuple[Accepted, ...]) -> list[Message]:
    return [stage.found(each.message_id) for each in accepted]


# --- endpoints -------------------------------------------------------------------------------


def test_the_first_endpoints_make_the_group() -> None:
    stage = Stage()
    stage.advance(500)

    add(stage, B, Endpoint(SHOP + "a", "first"))

    assert shown(stage) == [("g", 500, 500)]
    assert endpoints(stage) == [(SHOP + "b", None), (SHOP + "a", "first")]


def test_further_endpoints_come_after_those_that_are_there() -> None:
    stage = Stage()
    add(stage, B)
    stage.advance(500)

    add(stage, C, A)

    assert endpoints(stage) == [(each.url, None) for each in (B, C, A)]
    assert shown(stage) == [("g", 0, 500)]


NAMED = Endpoint(SHOP + "a", "first")


@pytest.mark.parametrize(
    ("there", "added", "expected"),
    [
        ((A, B), (A,), [A, B]),
        ((NAMED, B), (NAMED,), [NAMED, B]),
        ((NAMED, B), (Endpoint(SHOP + "x", "first"),), [Endpoint(SHOP + "x", "first"), B]),
        ((A, B), (NAMED,), [NAMED, B]),  # the same URL gets a name
        ((NAMED, B), (A,), [NAMED, B]),  # and keeps it
        ((NAMED, B), (Endpoint(SHOP + "a", "2nd"),), [NAMED, B, Endpoint(SHOP + "a", "2nd")]),
        ((B, NAMED), (Endpoint(SHOP + "b", "first"),), [B, Endpoint(SHOP + "b", "first")]),
        ((), (A, A), [A]),
        ((), (A, NAMED, B), [NAMED, B]),
    ],
)
def test_an_endpoint_of_the_same_name_or_else_the_same_url_is_updated_in_place(
    there: tuple[Endpoint, ...], added: tuple[Endpoint, ...], expected: list[Endpoint]
) -> None:
    stage = Stage()
    add(stage, *there)

    add(stage, *added)

    assert endpoints(stage) == [(each.url, each.name) for each in expected]


@pytest.mark.parametrize(
    ("ref", "left"),
    [
        (EndpointRef(url=SHOP + "b"), [A, NAMED]),
        (EndpointRef(name="first"), [A, B]),
        (EndpointRef("first", SHOP + "a"), [A, B]),
        (EndpointRef(url=SHOP + "a"), [B]),
        (EndpointRef("first", SHOP + "b"), [A, B, NAMED]),
        (EndpointRef(name="other"), [A, B, NAMED]),
        (EndpointRef(url=SHOP), [A, B, NAMED]),
    ],
)
def test_endpoints_are_removed_by_all_that_is_said_of_them(
    ref: EndpointRef, left: list[Endpoint]
) -> None:
    stage = Stage()
    add(stage, A, B)
    add(stage, Endpoint(SHOP + "x", "first"))
    add(stage, NAMED)
    stage.advance(500)

    remove(stage, ref)

    assert endpoints(stage) == [(each.url, each.name) for each in left]
    assert shown(stage) == [("g", 0, 500 if len(left) < 3 else 0)]


def test_several_endpoints_are_removed_at_once() -> None:
    stage = Stage()
    add(stage, A, B, C)

    remove(stage, EndpointRef(url=A.url), EndpointRef(url=C.url), EndpointRef(name="unknown"))

    assert endpoints(stage) == [(B.url, None)]


@pytest.mark.fidelity("groups: the last endpoint takes the group along", "docs")
def test_the_last_endpoint_takes_the_group_along() -> None:
    stage = Stage()
    add(stage, A, B)

    remove(stage, EndpointRef(url=A.url), EndpointRef(url=B.url))

    assert shown(stage) == []
    assert refused(lambda: remove(stage, EndpointRef(url=A.url))) == (404, "topic g not found")


# --- groups ----------------------------------------------------------------------------------


def test_groups_are_listed_in_order_of_creation_and_belong_to_their_user() -> None:
    stage = Stage()
    for name in "bca":
        add(stage, A, group=name)
    stage.advance(100)
    add(stage, B, group="c")

    assert shown(stage) == [("b", 0, 0), ("c", 0, 100), ("a", 0, 0)]
    assert stage.engine.url_groups.list("testUser1") == ()
    assert refused(lambda: stage.engine.url_groups.get("testUser1", "a")) == (
        404,
        "topic a not found",
    )


def test_default_headers_are_replaced_and_change_the_group() -> None:
    stage = Stage()
    add(stage, A)
    groups = stage.engine.url_groups
    first = (("Upstash-Retries", ("1",)), ("Upstash-Forward-X", ("a", "b")))

    stage.advance(100)
    groups.set_headers(USER, "g", first)
    told = (groups.default_headers(USER, "g"), groups.get(USER, "g").headers, shown(stage))
    groups.set_headers(USER, "g", (("Upstash-Delay", ("1m",)),))

    assert told == (first, first, [("g", 0, 100)])
    assert groups.default_headers(USER, "g") == (("Upstash-Delay", ("1m",)),)


def test_default_headers_stay_when_endpoints_change() -> None:
    stage = Stage()
    add(stage, A)
    headers = (("Upstash-Retries", ("1",)),)
    stage.engine.url_groups.set_headers(USER, "g", headers)

    add(stage, B)
    remove(stage, EndpointRef(url=A.url))

    assert stage.engine.url_groups.default_headers(USER, "g") == headers


def test_a_missing_group_has_no_default_headers_and_cannot_be_given_any() -> None:
    groups = Stage().engine.url_groups

    assert groups.default_headers(USER, "g") == ()
    assert refused(lambda: groups.set_headers(USER, "g", ())) == (404, "topic g not found")


def test_deleting_a_group_takes_nothing_else_along() -> None:
    stage = Stage()
    add(stage, A, B)
    stage.accept(TO_GROUP)

    stage.engine.url_groups.delete(USER, "g")
    stage.engine.url_groups.delete(USER, "g")
    stage.advance(0)

    assert (shown(stage), starts(stage)) == ([], [(0, "a"), (0, "b")])


@pytest.mark.parametrize("name", ["", "a b", "ä"])
def test_a_bad_name_is_refused(name: str) -> None:
    stage = Stage()

    assert refused(lambda: add(stage, A, group=name)) == (
        400,
        "topic name can only contain alphanumeric characters, hyphens, periods and underscores",
    )


def test_one_group_too_many_is_refused_and_changing_is_not() -> None:
    stage = Stage(plan=FREE)
    add(stage, A, group="g")

    assert refused(lambda: add(stage, A, group="h")) == (
        412,
        "quota maxTopics exceeded, current limit: 1",
    )
    add(stage, B, group="g")

    assert endpoints(stage) == [(A.url, None), (B.url, None)]


def test_endpoints_up_to_the_plan_are_taken_and_more_refused_together() -> None:
    stage = Stage(plan=replace(PAYG, max_endpoints_per_topic=2))
    add(stage, A)

    assert refused(lambda: add(stage, B, C)) == (
        412,
        "quota maxEndpointsPerTopic exceeded, current limit: 2",
    )
    add(stage, B, A)

    assert endpoints(stage) == [(A.url, None), (B.url, None)]


# --- fanning out -----------------------------------------------------------------------------


@pytest.mark.fidelity("groups: a message for each endpoint", "docs")
def test_a_publish_makes_a_message_for_each_endpoint_in_their_order() -> None:
    stage = Stage()
    add(stage, B, Endpoint(SHOP + "a", "first"))
    command = PublishCommand(
        "",
        b"order",
        "PUT",
        (("X-Order", "7"),),
        retries=1,
        delay=1_000,
        labels=("shop",),
        extras=Extras(
            queue="q",
            flow_control=FlowControl("k", rate=9),
            callback=CallbackSettings("https://back.test"),
        ),
    )

    accepted = stage.accept(PublishRequest(command, "g"))
    messages = made(stage, accepted)

    assert accepted == (
        Accepted(messages[0].id, SHOP + "b"),
        Accepted(messages[1].id, SHOP + "a"),
    )
    assert [message.command for message in messages] == [
        command._replace(url=SHOP + "b", extras=command.extras._replace(topic="g")),
        command._replace(
            url=SHOP + "a", extras=command.extras._replace(topic="g", endpoint="first")
        ),
    ]


@pytest.mark.fidelity("groups: each message has its own retries and dead letter", "docs")
def test_each_message_has_its_own_retries_and_its_own_end() -> None:
    stage = Stage(BROKEN, OK, BROKEN, Responded(404))
    add(stage, A, B, C)

    stage.accept(TO_GROUP._replace(command=PublishCommand("", retries=1)))
    stage.driver.run_until_idle()

    assert story(stage, DELIVERED, FAILED) == [
        (0, "b", DELIVERED),
        (12_000, "a", FAILED),
        (12_000, "c", FAILED),
    ]
    assert [letter.message.command.url for letter in stage.engine.all_dead_letters(USER)] == [
        A.url,
        C.url,
    ]


def test_enqueueing_to_a_group_lines_up_a_message_for_each_endpoint() -> None:
    stage = Stage(Responded(200, took=1_000))
    add(stage, B, A)

    stage.accept(PublishRequest(PublishCommand("", extras=Extras(queue="q")), "g"))
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "b"), (1_000, "a")]


def test_later_changes_of_the_group_do_not_touch_messages_that_are_there() -> None:
    stage = Stage(BROKEN, OK)
    add(stage, Endpoint(SHOP + "a", "first"))
    stage.accept(TO_GROUP)
    stage.advance(0)

    add(stage, Endpoint(SHOP + "moved", "first"), B)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (12_000, "a")]


def test_a_group_without_endpoints_makes_no_message() -> None:
    stage = Stage()
    add(stage)

    assert (stage.accept(TO_GROUP), stage.log()) == ((), [])


def test_a_publish_to_a_missing_group_is_refused() -> None:
    stage = Stage()

    assert refused(lambda: stage.accept(TO_GROUP)) == (404, "topic g not found")


def test_a_publish_beyond_the_plan_makes_no_message() -> None:
    stage = Stage()
    add(stage, A, B)

    refusal = refused(
        lambda: stage.accept(TO_GROUP._replace(command=PublishCommand("", retries=6)))
    )

    assert refusal == (412, "quota maxRetries exceeded, current limit: 5")
    assert stage.log() == []
