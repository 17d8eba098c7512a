"""The fake as an object: what it is made with, how it is served, what it tells, how it ends."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from freezegun import freeze_time
from qstash import QStash

from fakestash import FakeQStash, RunawayError, UsageError
from fakestash.drive.report import Report
from fakestash.model.messages import PublishCommand
from fakestash.plans import PAYG, PRO

HOOK = "https://shop.test/hook"


def publish(fake: FakeQStash) -> str:
    """The id of a message published without a socket."""
    with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
        answer = client.post(
            f"/v2/publish/{HOOK}", headers={"Authorization": f"Bearer {fake.token}"}, content=b"hi"
        )
    message_id: str = answer.json()["messageId"]
    return message_id


# --- what it is made with ------------------------------------------------------------------


def test_a_clock_may_start_at_the_time_that_the_process_sees() -> None:
    with freeze_time("2001-02-03T04:05:06.25Z"), FakeQStash(start="now") as fake:
        assert str(fake.now) == "2001-02-03 04:05:06.250000+00:00"


def test_a_start_that_cannot_be_read_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"^start cannot be read: 'soon'; give a datetime with a"):
        FakeQStash(start="soon")


@pytest.mark.parametrize("seed", ["3", 1.5, 3.0, True, None])
def test_a_seed_is_a_whole_number(seed: int) -> None:
    with pytest.raises(UsageError) as raised:
        FakeQStash(seed=seed)

    assert str(raised.value) == f"seed must be a whole number, got {seed!r}"


@pytest.mark.parametrize("seed", [-1, 0, 2**100])
def test_the_same_seed_gives_the_same_ids(seed: int) -> None:
    with FakeQStash(seed=seed) as one, FakeQStash(seed=seed) as same, FakeQStash(seed=7) as other:
        ids = [publish(fake) for fake in (one, same, other)]

    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)


def refusal(fake: FakeQStash, target: str, method: str = "POST", body: bytes = b"") -> str:
    """The status and error text that a call is answered with."""
    with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
        answer = client.request(
            method, target, headers={"Authorization": f"Bearer {fake.token}"}, content=body
        )
    return f"{answer.status_code} {answer.json()['error']}"


def test_the_plan_is_pay_as_you_go_unless_another_is_named() -> None:
    target = f"/v2/publish/{HOOK}?upstash-delay=8d"
    with FakeQStash() as usual, FakeQStash(plan="free") as free:
        assert publish(usual).startswith("msg_")
        assert refusal(free, target) == "412 quota maxDelay exceeded, current limit: 604800"


def test_a_plan_may_be_of_your_own() -> None:
    plan = replace(PRO, max_queues=0)

    with FakeQStash(plan=plan) as fake:
        assert refusal(fake, f"/v2/enqueue/orders/{HOOK}") == (
            "412 quota maxQueues exceeded, current limit: 0"
        )


def test_a_plan_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(
        UsageError, match=r"^plan must be one of free, payg, pro, or a Plan, got 'x'$"
    ):
        FakeQStash(plan="x")


@pytest.mark.fidelity(
    "429: management calls have a limit per second",
    "docs",
    verdict="different",
    here="off; a plan made with `with_burst_limit()` has one, of 100",
)
def test_a_limit_of_calls_per_second_can_be_switched_on() -> None:
    with FakeQStash(plan=replace(PAYG.with_burst_limit(), calls_per_second=1)) as fake:
        refusal(fake, "/v2/queues/none", "GET")

        assert refusal(fake, "/v2/queues/none", "GET") == "429 exceeded burst rate limit"
        fake.advance(1)
        assert refusal(fake, "/v2/queues/none", "GET") == "404 queue none not found"
    assert PAYG.with_burst_limit().calls_per_second == 100


@pytest.mark.fidelity(
    "destinations: this machine is refused",
    "measured",
    verdict="different",
    here="accepted, as by the vendor's development server; refused with `strict_hosts=True`",
)
@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:3000/hook", "::1"),
        ("http://app.localhost", "::1"),
        ("http://127.0.0.1/hook", "127.0.0.1"),
        ("http://[::1]:80", "::1"),
    ],
)
def test_strict_hosts_refuse_this_machine_as_the_service_does(url: str, address: str) -> None:
    expected = f"400 invalid destination url: endpoint resolves to a loopback address: {address}"
    endpoints = json.dumps({"endpoints": [{"url": url}]}).encode()
    batch = json.dumps([{"destination": url}]).encode()

    with FakeQStash(strict_hosts=True) as fake:
        assert publish(fake).startswith("msg_")
        assert refusal(fake, f"/v2/publish/{url}") == expected
        assert refusal(fake, f"/v2/schedules/{url}?upstash-cron=@daily") == expected
        assert refusal(fake, "/v2/batch", body=batch) == expected
        assert refusal(fake, "/v2/topics/orders/endpoints", body=endpoints) == expected
    with FakeQStash() as fake:
        assert refusal(fake, f"/v2/publish/{url}?upstash-retries=x").startswith("400 invalid retr")


def test_the_language_model_may_have_a_stand_in() -> None:
    target = "/v2/publish/api/llm?upstash-callback=https://shop.test/answer"
    with FakeQStash(llm_target="https://llm.test/v1/chat/completions") as fake:
        model = fake.destination("https://llm.test").responds((200, None, {"choices": []}))
        fake.destination("https://shop.test")
        with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
            client.post(target, headers={"Authorization": f"Bearer {fake.token}"})
        fake.advance(0)

        assert model.received == 1
        assert [delivery.url for delivery in fake.deliveries] == [
            "https://llm.test/v1/chat/completions",
            "https://shop.test/answer",
        ]


def test_a_stand_in_for_the_language_model_has_to_be_a_url() -> None:
    with pytest.raises(UsageError, match=r"^llm_target must be an http\(s\) URL, got 'model'$"):
        FakeQStash(llm_target="model")


@pytest.mark.parametrize(
    ("chosen", "answer"), [(False, "Accepted"), (True, '{"status":"accepted"}')]
)
def test_how_version_1_answers_deletions_is_chosen(chosen: bool, answer: str) -> None:
    with (
        FakeQStash(v1_json_deletions=chosen) as fake,
        httpx.Client(transport=fake.transport, base_url=fake.url) as client,
    ):
        client.headers["Authorization"] = f"Bearer {fake.token}"
        made = client.post(f"/v1/publish/{HOOK}").json()["messageId"]

        assert client.delete(f"/v1/messages/{made}").text == answer


# --- how it is served ----------------------------------------------------------------------


def test_a_served_fake_tells_where_it_is() -> None:
    with FakeQStash() as fake:
        before = fake.environment["QSTASH_URL"]
        url = fake.serve()

        assert before == "http://fakestash.test"
        assert urlsplit(url).hostname == "127.0.0.1"
        assert (fake.url, fake.environment["QSTASH_URL"]) == (url, url)


def test_a_served_fake_is_reached_by_the_official_client_until_it_is_closed() -> None:
    with FakeQStash() as fake:
        url = fake.serve()
        fake.destination(HOOK).responds(201)
        QStash(fake.token, base_url=url).message.publish(url=HOOK, body="hello")
        fake.advance(0)

        assert [(each.body, each.status) for each in fake.deliveries] == [(b"hello", 201)]
    place = urlsplit(url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((place.hostname, place.port))


def test_a_fake_is_served_once() -> None:
    with FakeQStash() as fake:
        url = fake.serve()
        with pytest.raises(UsageError) as raised:
            fake.serve()

    assert str(raised.value) == f"serve() was called before: use fake.url, which is {url}"


def test_a_closed_fake_is_not_served() -> None:
    fake = FakeQStash()
    fake.close()

    with pytest.raises(UsageError, match="serve\\(\\) was called on a fake that is closed"):
        fake.serve()


def test_a_fake_is_served_where_it_is_told_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    with FakeQStash() as fake:
        assert fake.serve(host="localhost", port=port) == f"http://localhost:{port}"
        assert httpx.get(f"{fake.url}/v2/readiness", trust_env=False).text == "OK"


def test_a_fake_that_cannot_be_served_there_stays_as_it_was() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder, FakeQStash() as fake:
        with pytest.raises(OSError, match="in use"):
            fake.serve(port=holder.getsockname()[1])

        assert fake.url == "http://fakestash.test"


def test_two_fakes_are_served_side_by_side() -> None:
    with FakeQStash(seed=1) as one, FakeQStash(seed=2) as two:
        for fake in (one, two):
            answer = httpx.post(
                f"{fake.serve()}/v2/publish/{HOOK}",
                headers={"Authorization": f"Bearer {fake.token}"},
                trust_env=False,
            )

            assert [message.id for message in fake.engine.pending()] == [answer.json()["messageId"]]


def test_a_client_may_name_the_whole_url_in_its_request() -> None:
    with FakeQStash() as fake:
        place = urlsplit(fake.serve())
        head = (
            f"POST {fake.url}/v2/publish/https://x//y HTTP/1.1\r\n"
            f"Host: {place.netloc}\r\n"
            f"Authorization: Bearer {fake.token}\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        with socket.create_connection((place.hostname, place.port)) as peer:
            peer.sendall(head.encode())
            with peer.makefile("rb") as answer:
                status = answer.readline()

        assert status == b"HTTP/1.1 201 Created\r\n"
        assert [message.command.url for message in fake.engine.pending()] == ["https://x//y"]


# --- what it tells -------------------------------------------------------------------------


def test_a_fake_prints_as_its_time_and_its_deliveries() -> None:
    with FakeQStash(start="2026-03-01T12:00:00Z") as fake:
        fake.destination(HOOK).responds(500, 200)
        shown = [repr(fake)]
        publish(fake)
        for duration in ("1.5s", "1m"):
            fake.advance(duration)
            shown.append(repr(fake))

    assert shown == [
        "<FakeQStash at 2026-03-01T12:00:00Z, 0 deliveries>",
        "<FakeQStash at 2026-03-01T12:00:01.500Z, 1 delivery>",
        "<FakeQStash at 2026-03-01T12:01:01.500Z, 2 deliveries>",
    ]


def test_a_report_prints_without_the_insides_of_the_engine() -> None:
    with FakeQStash() as fake:
        fake.destination(HOOK).responds(200)
        publish(fake)
        report = fake.advance(0)

    assert repr(report) == (
        f"Report(started_at={fake.now!r}, ended_at={fake.now!r}, "
        "reason=<StopReason.REACHED: 'the instant was reached'>, "
        f"deliveries={fake.deliveries!r}, next_at=None, next_event=None)"
    )


# --- how far it goes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "move",
    [
        lambda fake: fake.advance("1h", limit=2),
        lambda fake: fake.advance_to("2026-01-02T00:00:00Z", limit=2),
        lambda fake: fake.run_until_idle(limit=2),
        lambda fake: fake.run_until(lambda: False, limit=2),
        lambda fake: asyncio.run(fake.advance_async("1h", limit=2)),
        lambda fake: asyncio.run(fake.advance_to_async("2026-01-02T00:00:00Z", limit=2)),
        lambda fake: asyncio.run(fake.run_until_idle_async(limit=2)),
        lambda fake: asyncio.run(fake.run_until_async(lambda: False, limit=2)),
    ],
)
def test_each_move_may_be_given_a_cap_of_its_own(move: Callable[[FakeQStash], object]) -> None:
    with FakeQStash() as fake:
        fake.destination(HOOK).responds(500)
        publish(fake)

        with pytest.raises(RunawayError, match="after 2 events: 2 of them were deliveries to "):
            move(fake)
        assert len(fake.deliveries) == 2


# --- how it ends ---------------------------------------------------------------------------


MOVES: dict[str, Callable[[FakeQStash], Report]] = {
    "advance": lambda fake: fake.advance(0),
    "advance_to": lambda fake: fake.advance_to("2026-01-02T00:00:00Z"),
    "next": lambda fake: fake.next(),
    "run_until_idle": lambda fake: fake.run_until_idle(),
    "run_until": lambda fake: fake.run_until(lambda: True),
}
AWAITED: dict[str, Callable[[FakeQStash], Awaitable[Report]]] = {
    "advance_async": lambda fake: fake.advance_async(0),
    "advance_to_async": lambda fake: fake.advance_to_async("2026-01-02T00:00:00Z"),
    "next_async": lambda fake: fake.next_async(),
    "run_until_idle_async": lambda fake: fake.run_until_idle_async(),
    "run_until_async": lambda fake: fake.run_until_async(lambda: True),
}


def after_the_end(call: str) -> str:
    return f"{call}() was called on a fake that is closed: its test is over"


@pytest.mark.parametrize("call", MOVES)
def test_the_time_of_a_closed_fake_cannot_be_moved(call: str) -> None:
    fake = FakeQStash()
    publish(fake)
    fake.close()

    with pytest.raises(UsageError) as raised:
        MOVES[call](fake)

    assert str(raised.value) == after_the_end(call)
    assert (str(fake.now), list(fake.deliveries)) == ("2026-01-01 00:00:00+00:00", [])


@pytest.mark.parametrize("call", AWAITED)
def test_the_time_of_a_closed_fake_cannot_be_moved_by_awaiting(call: str) -> None:
    fake = FakeQStash()
    publish(fake)
    fake.close()

    async def main() -> str:
        with pytest.raises(UsageError) as raised:
            await AWAITED[call](fake)
        return str(raised.value)

    assert asyncio.run(main()) == after_the_end(call)
    assert (str(fake.now), list(fake.deliveries)) == ("2026-01-01 00:00:00+00:00", [])


def test_what_happened_can_be_read_after_the_end() -> None:
    with FakeQStash() as fake:
        fake.destination(HOOK).responds(200)
        publish(fake)
        fake.advance(0)

    fake.assert_delivered(HOOK, times=1)
    assert "DELIVERED" in fake.timeline()


def test_a_fake_may_be_closed_twice() -> None:
    with FakeQStash() as fake:
        fake.serve()
        fake.close()


def test_questions_are_about_the_default_user_or_another_one() -> None:
    fake = FakeQStash()
    fake.destination("https://shop.test")
    other = fake.of_user("testUser1")
    fake.engine.publish("testUser1", PublishCommand("https://shop.test/1"))
    fake.engine.publish(fake.user_id, PublishCommand("https://shop.test/2"))

    report = fake.advance(0)

    assert [each.url for each in fake.deliveries] == ["https://shop.test/2"]
    assert [each.url for each in other.deliveries] == ["https://shop.test/1"]
    assert len(report.deliveries) == 2
    other.assert_delivered("https://shop.test", times=1)


def test_an_unknown_user_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="there is no user 'nobody'; there are: defaultUser, "):
        FakeQStash().of_user("nobody")
