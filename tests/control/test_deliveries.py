"""What was delivered, listed and waited for over HTTP."""

import asyncio

import pytest

from fakestash import FakeQStash
from tests.builders import SECOND, START, URL
from tests.control.remote import Remote

OTHER = "https://other.test/"


def with_deliveries() -> tuple[Remote, str, str]:
    """A message that took two attempts, and another one."""
    fake = FakeQStash()
    fake.destination(URL).responds(500, 200)
    fake.destination("https://other.test").responds(201)
    remote = Remote(fake)
    first = remote.publish(URL, ("Upstash-Forward-X-Kind", "tea"), body=b'{"cups":2}')
    second = remote.publish(OTHER, body=b"\xff")
    remote.done("/clock/advance", {"duration": "1m"})
    return remote, first, second


def test_a_delivery_tells_what_was_sent_and_what_came_back() -> None:
    remote, first, second = with_deliveries()

    found = remote.get("/deliveries")

    assert found["count"] == 3
    assert [
        (each["messageId"], each["at"] - START, each["retried"], each["status"], each["error"])
        for each in found["deliveries"]
    ] == [
        (first, 0, 0, 500, "HTTP status 500"),
        (second, 0, 0, 201, None),
        (first, 12 * SECOND, 1, 200, None),
    ]
    last = found["deliveries"][-1]
    assert (last["method"], last["url"], last["body"]) == ("POST", URL, '{"cups":2}')
    assert last["headers"]["X-Kind"] == ["tea"]
    assert last["headers"]["Upstash-Message-Id"] == [first]
    assert found["deliveries"][1]["bodyBase64"] == "/w=="


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("", [500, 201, 200]),
        ("?count=2", [201, 200]),
        ("?count=0", []),
        ("?url=https://shop.test", [500, 200]),
        (f"?url={OTHER}", [201]),
        ("?status=500", [500]),
        ("?status=404", []),
        (f"?since={START + 1}", [200]),
        ("?since=2026-01-01T00:00:12Z", [200]),
        ("?since=2026-01-01T00:00:13Z", []),
    ],
)
def test_deliveries_are_filtered(query: str, statuses: list[int]) -> None:
    remote, _, _ = with_deliveries()

    found = remote.get(f"/deliveries{query}")

    assert [each["status"] for each in found["deliveries"]] == statuses


def test_deliveries_of_one_message_are_listed() -> None:
    remote, _, second = with_deliveries()

    found = remote.get(f"/deliveries?messageId={second}&count=5")

    assert [each["url"] for each in found["deliveries"]] == [OTHER]


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("count=-1", "count must be a whole number from 0 on, got '-1'"),
        ("count=10001", "count must be 10000 at most, got 10001"),
        ("status=ok", "status must be a whole number from 0 on, got 'ok'"),
        ("state=ok", "did you mean 'status'?: it takes url, messageId, status, since, count"),
    ],
)
def test_a_bad_filter_is_refused_by_name(query: str, complaint: str) -> None:
    status, found = Remote().call("GET", f"/deliveries?{query}", b"")

    assert status == 400
    assert complaint in found["error"]


@pytest.mark.parametrize("query", ["url=shop", "url=", "since=soon", "messageId="])
def test_a_filter_that_is_none_is_refused(query: str) -> None:
    assert Remote().call("GET", f"/deliveries?{query}", b"")[0] == 400


# --- waiting ---------------------------------------------------------------------------------


def test_what_is_there_already_is_not_waited_for() -> None:
    remote, _, _ = with_deliveries()

    found = remote.done("/deliveries/wait", {"url": URL, "times": 2, "timeout": 0})

    assert [each["status"] for each in found["deliveries"]] == [500, 200]


def test_in_vain_the_answer_tells_what_there_is_and_what_is_due() -> None:
    remote, _, _ = with_deliveries()
    later = remote.publish(URL, ("Upstash-Delay", "1h"))

    status, found = remote.post(
        "/deliveries/wait", {"url": URL, "times": 3, "status": 200, "since": START, "timeout": 0}
    )

    assert status == 408
    assert found["error"].splitlines() == [
        f"waited 0 s for 3 deliveries to {URL} answered with 200 since {START}, and there is 1",
        f"    <Delivery POST {URL} retried=1 -> 200>",
        "What is due next:",
        f"    2026-01-01T01:01:00Z attempt 1 of 4 of {later} to {URL}",
        "The clock stands still: POST /_fakestash/clock/advance moves it.",
    ]


def test_in_vain_where_nothing_is_due() -> None:
    status, found = Remote().post("/deliveries/wait", {"messageId": "msg_x", "timeout": 0})

    assert status == 408
    assert found["error"] == (
        "waited 0 s for 1 delivery of msg_x, and there are none\nNothing is due."
    )


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"times": 0}, "times must be a whole number from 1 on, got 0"),
        ({"timeout": "11m"}, "timeout must be 10 m at most, got 11 m"),
        ({"time": 1}, "'time' (1) means nothing here, did you mean 'times'?"),
    ],
)
def test_a_bad_wait_is_refused_by_name(body: object, complaint: str) -> None:
    status, found = Remote().post("/deliveries/wait", body)

    assert status == 400
    assert found["error"].startswith(complaint)


@pytest.mark.asyncio
async def test_a_wait_ends_with_the_delivery_that_is_waited_for() -> None:
    fake = FakeQStash()
    fake.destination(URL)
    remote = Remote(fake)
    remote.publish(URL)

    waiting = asyncio.create_task(remote.called("POST", "/deliveries/wait", {"timeout": "30s"}))
    assert (await asyncio.wait([waiting], timeout=0))[0] == set()
    moved = await remote.called("POST", "/clock/advance", {"duration": 0})
    status, found = await waiting

    assert (moved[0], status, found["count"]) == (200, 200, 1)
