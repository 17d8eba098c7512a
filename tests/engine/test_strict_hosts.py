"""Destinations on this machine: taken, unless the fake is asked to be as strict as the cloud."""

import pytest

from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CronSettings
from fakestash.syntax.cron import parse
from tests.builders import URL, USER, Stage, refused

LOOPBACK = [
    ("http://localhost:3000/x", "::1"),
    ("https://LOCALHOST", "::1"),
    ("http://shop.localhost", "::1"),
    ("http://127.0.0.1:3000", "127.0.0.1"),
    ("http://127.8.9.10", "127.8.9.10"),
    ("http://[::1]:3000/x", "::1"),
]
ELSEWHERE = [
    URL,
    "http://192.168.0.1",
    "http://10.0.0.1:3000",
    "http://[2001:db8::1]",
    "http://localhost.test",
    "http://notlocalhost",
]


@pytest.mark.parametrize(("url", "address"), LOOPBACK)
def test_a_loopback_destination_is_refused_wherever_it_is_named(url: str, address: str) -> None:
    stage = Stage(strict_hosts=True)
    request = PublishRequest(PublishCommand(url))
    scheduled = request._replace(cron=CronSettings(parse("@daily")))
    groups = stage.engine.url_groups
    refusal = (
        400,
        f"invalid destination url: endpoint resolves to a loopback address: {address}",
    )

    assert refused(lambda: stage.publish(url)) == refusal
    assert refused(lambda: stage.accept(request)) == refusal
    assert refused(lambda: stage.engine.accept_batch(USER, [request])) == refusal
    assert refused(lambda: stage.engine.schedules.create(USER, scheduled)) == refusal
    assert (
        refused(lambda: groups.add_endpoints(USER, "g", (Endpoint(URL), Endpoint(url)))) == refusal
    )
    assert (stage.log(), groups.list(USER), stage.engine.schedules.list(USER)) == ([], (), ())


@pytest.mark.parametrize("url", ELSEWHERE)
def test_any_other_destination_is_taken(url: str) -> None:
    stage = Stage(strict_hosts=True)

    stage.publish(url)
    stage.engine.url_groups.add_endpoints(USER, "g", (Endpoint(url),))

    assert len(stage.log()) == 1


@pytest.mark.parametrize("url", [url for url, _ in LOOPBACK])
def test_usually_every_destination_is_taken(url: str) -> None:
    stage = Stage()

    stage.publish(url)
    stage.engine.url_groups.add_endpoints(USER, "g", (Endpoint(url),))

    assert len(stage.log()) == 1
