"""Makers of answers, and what each kind of answer leads to."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from fakestash import FakeQStash, Fault, UsageError
from fakestash.answers import late, non_retryable, retry_after
from fakestash.model.settings import CallbackSettings, Extras
from fakestash.plans import PAYG
from tests.testing.acts import HOOK, publish

TOLD = "https://told.test"


def read(fake: FakeQStash, path: str) -> Any:  # noqa: ANN401 - any JSON
    headers = {"Authorization": f"Bearer {fake.token}"}
    with httpx.Client(transport=fake.transport, base_url=fake.url, headers=headers) as client:
        return client.get(path).json()


# --- when it is tried again ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("wait", "sent", "seconds"),
    [
        (30, "30", 30),
        (1.5, "1.500", 1.5),
        (timedelta(minutes=2), "120", 120),
        ("120", "120", 120),
        ("6m5s", "6m5s", 365),
        ("120s", "120s", 120),
        ("0", "0", 0),
        ("25h", "25h", 12),  # more than a day: ignored
        ("soon", "soon", 12),
        ("-5", "-5", 12),
        (datetime(2026, 1, 1, 0, 2, tzinfo=UTC), "Thu, 01 Jan 2026 00:02:00 GMT", 120),
        (datetime(2025, 1, 1, tzinfo=UTC), "Wed, 01 Jan 2025 00:00:00 GMT", 0),
    ],
)
@pytest.mark.parametrize(
    "header",
    [
        "Retry-After",
        "X-RateLimit-Reset",
        "x-ratelimit-reset-requests",
        "X-RateLimit-Reset-Tokens",
    ],
)
def test_each_form_of_each_header_is_heeded(
    wait: str | float | timedelta | datetime, sent: str, seconds: float, header: str
) -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(retry_after(wait, header=header), 200)
    publish(fake)

    fake.run_until_idle()

    first, second = fake.deliveries
    assert (first.status, first.response_headers[header]) == (429, sent)
    assert (second.at - first.at).total_seconds() == seconds


def test_an_answer_that_asks_to_wait_may_have_another_status_and_a_body() -> None:
    assert retry_after("5", status=503, body={"why": "tea"}) == (
        503,
        {"Retry-After": "5"},
        {"why": "tea"},
    )


@pytest.mark.parametrize(
    ("wait", "header", "begins"),
    [
        ("5", "X-Wait", "header must be one of Retry-After, X-RateLimit-Reset, "),
        (-5, "Retry-After", "wait cannot be negative: -5"),
        (datetime(2026, 1, 1), "Retry-After", "wait has no timezone: "),  # noqa: DTZ001 - as meant
    ],
)
def test_what_nobody_heeds_is_refused(wait: Any, header: str, begins: str) -> None:  # noqa: ANN401
    with pytest.raises(UsageError) as raised:
        retry_after(wait, header=header)

    assert str(raised.value).startswith(begins)


def test_489_with_its_header_ends_a_message() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(non_retryable("no such order"))
    publish(fake)

    fake.run_until_idle()

    assert len(fake.deliveries) == 1
    (letter,) = fake.dead_letters
    assert (letter.response_status, letter.response_body) == (489, b"no such order")


# --- latency -------------------------------------------------------------------------------


def test_each_answer_may_have_a_latency_of_its_own() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(late("5s", 503), late("7s", lambda _: 503), 503, late("1s"))
    publish(fake)

    fake.run_until_idle()

    entries = [
        (log.state, (log.at - fake.messages[0].created_at).total_seconds())
        for log in fake.logs
        if log.state in ("ERROR", "DELIVERED")
    ]
    assert entries == [
        ("ERROR", 5),
        ("ERROR", 5 + 12 + 7),
        ("ERROR", 24 + 148),
        ("DELIVERED", 172 + 1808 + 1),
    ]


def test_a_function_may_say_how_late_its_answer_is() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(lambda _: late("40s", 202), took="1s")
    publish(fake)

    fake.advance("39s")
    before = fake.deliveries[0].status
    fake.advance("1s")

    assert (before, fake.deliveries[0].status) == (None, 202)


def test_a_latency_must_be_one() -> None:
    with pytest.raises(UsageError, match=r"^took cannot be negative: -1;"):
        late(-1, 200)


# --- broken, huge and odd bodies -----------------------------------------------------------


def test_of_an_answer_that_breaks_off_in_its_body_nothing_is_kept() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(Fault.TRUNCATED)
    publish(fake, retries=0)

    fake.advance(0)

    assert fake.deliveries[0].error == "unexpected EOF"
    (letter,) = fake.dead_letters
    assert (letter.error, letter.response_status, letter.response_body) == (
        "unexpected EOF",
        0,
        b"",
    )
    shown = read(fake, "/v2/dlq")["messages"][0]
    assert (shown["responseStatus"], "responseBody" in shown) == (0, False)


def test_a_huge_body_is_cut_where_it_is_kept_and_the_delivery_counts() -> None:
    fake = FakeQStash(plan=replace(PAYG, max_message_size=1000))
    fake.destination(TOLD)
    fake.destination(HOOK).responds((200, None, b"x" * 5000), (500, None, b"y" * 5000))
    extras = Extras(callback=CallbackSettings(TOLD))
    for _ in range(2):
        publish(fake, retries=0, extras=extras)
        fake.advance(0)

    bodies = [b"x" * 1000, b"y" * 1000]
    assert [each.status for each in fake.deliveries.to(HOOK)] == [200, 500]
    assert [each.response_body for each in fake.deliveries.to(HOOK)] == bodies
    told = [base64.b64decode(each.json()["body"]) for each in fake.deliveries.to(TOLD)]
    assert told == bodies
    assert fake.dead_letters[0].response_body == bodies[1]
    logged = [each.get("responseBody") for each in read(fake, "/v2/logs")["events"]]
    assert {base64.b64decode(body) for body in logged if body} == {bodies[1]}


def test_a_body_that_is_no_utf_8_is_shown_in_base64_and_whole_in_callbacks() -> None:
    fake = FakeQStash()
    fake.destination(TOLD)
    fake.destination(HOOK).responds((500, None, b"caf\xe9"))
    publish(fake, retries=0, extras=Extras(callback=CallbackSettings(TOLD)))
    fake.advance(0)

    shown = read(fake, "/v2/dlq")["messages"][0]
    assert shown["responseBodyBase64"] == base64.b64encode(b"caf\xe9").decode()
    assert "responseBody" not in shown
    assert base64.b64decode(fake.deliveries.to(TOLD)[0].json()["body"]) == b"caf\xe9"
