"""URL groups as version 1 of the API has them: what the plan and strict hosts refuse."""

from dataclasses import replace

from fakestash.plans import FREE, PAYG
from tests.builders import SHOP, USER, Stage, refused

LOOPBACK = (400, "invalid destination url: endpoint resolves to a loopback address: ::1")


def names(stage: Stage) -> list[str]:
    return [group.name for group in stage.engine.topics.list(USER)]


def test_one_group_too_many_is_refused() -> None:
    stage = Stage(plan=FREE)
    stage.engine.topics.create(USER, "a")

    assert refused(lambda: stage.engine.topics.create(USER, "b")) == (
        412,
        "quota maxTopics exceeded, current limit: 1",
    )
    assert names(stage) == ["a"]


def test_one_endpoint_too_many_is_refused() -> None:
    stage = Stage(plan=replace(PAYG, max_endpoints_per_topic=1))
    group = stage.engine.topics.create(USER, "a")
    placed = stage.engine.topics.add_endpoint(USER, SHOP, topic_id=group.id)

    assert refused(lambda: stage.engine.topics.add_endpoint(USER, SHOP + "b", name="a")) == (
        412,
        "quota maxEndpointsPerTopic exceeded, current limit: 1",
    )
    assert stage.engine.topics.endpoints(USER) == (placed,)


def test_strict_hosts_refuse_this_machine_as_an_endpoint() -> None:
    stage = Stage(strict_hosts=True)
    topics = stage.engine.topics
    topics.create(USER, "a")
    placed = topics.add_endpoint(USER, SHOP, name="a")
    local = "http://localhost:3000"

    assert refused(lambda: topics.add_endpoint(USER, local, name="a")) == LOOPBACK
    assert refused(lambda: topics.update_endpoint(USER, placed.endpoint.id, local)) == LOOPBACK
    assert topics.endpoints(USER) == (placed,)
