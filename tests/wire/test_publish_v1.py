"""A publish of version 1, understood: what it has beyond one of version 2."""

from dataclasses import replace

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishRequest
from fakestash.plans import FREE, PAYG, PRO, Plan
from fakestash.wire.publish import DefaultHeaders, read_publish
from fakestash.wire.publish_v1 import default_retries, read_publication
from tests.builders import refused

URL = "https://shop.test/hook"
BY_CONTENT = (b"upstash-content-based-deduplication", b"true")
CRON = (b"upstash-cron", b"0 0 * * *")
A = (b"upstash-a", b"1")


def read(
    *headers: tuple[bytes, bytes], destination: str = URL, query: str = "", plan: Plan = PAYG
) -> PublishRequest:
    return read_publication(
        destination,
        query,
        headers,
        b"hi",
        caller_ip="203.0.113.7",
        token_in_header=True,
        plan=plan,
    )


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ((), "a=b"),
        (((b"content-type", b"text/plain"), (b"upstash-retries", b"1")), ""),
        (((b"upstash-queue-name", b"q"), (b"upstash-label", b"x")), "upstash-method=put&a=b"),
        (((b"upstash-callback", b"https://a.test"), (b"x-plain", b"1")), ""),
        (((b"upstash-header-forward", b"1"), (b"x-plain", b"1")), ""),
        ((CRON, (b"upstash-not-before", b"1")), ""),
    ],
)
def test_it_is_one_of_version_2_but_for_retries_and_for_being_a_publication(
    headers: tuple[tuple[bytes, bytes], ...], query: str
) -> None:
    usual = read_publish(URL, query, headers, b"hi", caller_ip="203.0.113.7", token_in_header=True)
    found = read(*headers, query=query)

    retries = 1 if (b"upstash-retries", b"1") in headers else 5
    assert found == usual._replace(
        command=usual.command._replace(retries=retries), is_publication=True
    )


@pytest.mark.parametrize(
    ("plan", "retries"),
    [
        (FREE, 3),
        (PAYG, 5),
        (PRO, 5),
        (replace(FREE, name="own"), 5),
        (replace(PRO, max_retries=4), 4),
    ],
)
def test_the_default_of_retries(plan: Plan, retries: int) -> None:
    assert default_retries(plan) == retries
    assert read(plan=plan).command.retries == retries


def test_the_topic_is_asked_for_its_default_headers_once() -> None:
    asked: list[str] = []

    def defaults_of(topic: str) -> DefaultHeaders:
        asked.append(topic)
        return (("Upstash-Retries", ("2",)), ("Upstash-Deduplication-Id", ("d",)))

    found = read_publication(
        "tpc_1",
        "",
        [],
        b"",
        caller_ip="203.0.113.7",
        token_in_header=True,
        plan=PAYG,
        defaults_of=defaults_of,
    )

    assert asked == ["tpc_1"]
    assert (found.group, found.command.retries, found.deduplication_id) == ("tpc_1", 2, "d")


def test_a_schedule_keeps_its_deduplication() -> None:
    found = read(CRON, (b"upstash-deduplication-id", b" d "))

    assert found.cron is not None
    assert (found.deduplication_id, found.is_content_deduplicated) == ("d", False)
    assert read(CRON, BY_CONTENT).is_content_deduplicated


@pytest.mark.parametrize("value", ["a b", "a\tb", "a\u00a0b", "a\u2003b"])
def test_white_space_in_a_deduplication_id_is_refused(value: str) -> None:
    assert refused(lambda: read((b"upstash-deduplication-id", value.encode()))) == (
        400,
        "DeduplicationId cannot contain whitespace",
    )


def test_values_are_refused_before_the_destination() -> None:
    with pytest.raises(ServiceError, match="whitespace"):
        read((b"upstash-deduplication-id", b"a b"), destination="")
    with pytest.raises(ServiceError, match="invalid retries"):
        read((b"upstash-retries", b"x"), destination="")


def test_the_fingerprint_is_made_only_where_the_content_counts() -> None:
    assert read((b"upstash-label", b"x")).fingerprint == b""
    assert read(BY_CONTENT, (b"upstash-deduplication-id", b"d")).fingerprint == b""
    assert read(BY_CONTENT).fingerprint != b""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            [(b"upstash-a", b"1"), (b"upstash-b", b"2")],
            [(b"upstash-b", b"2"), (b"upstash-a", b"1")],
            True,
        ),
        ([], [(b"upstash-a", b"")], True),
        ([], [(b"authorization", b"Bearer x"), (b"content-type", b"a"), (b"x", b"1")], True),
        ([(b"upstash-a", b"12")], [(b"upstash-a1", b"2")], False),
        ([A], [A, A], False),
        ([(b"upstash-forward-a", b"1")], [(b"upstash-forward-a", b"2")], False),
    ],
)
def test_the_fingerprint_holds_all_headers_of_the_service_and_no_others(
    one: list[tuple[bytes, bytes]], other: list[tuple[bytes, bytes]], same: bool
) -> None:
    assert (read(BY_CONTENT, *one).fingerprint == read(BY_CONTENT, *other).fingerprint) is same


def test_parameters_count_as_the_headers_that_they_stand_for() -> None:
    in_header = read(BY_CONTENT, (b"upstash-label", b"x y"))
    in_query = read(BY_CONTENT, query="UPSTASH-label=x%20y&qstash_token=t&a=b")

    assert in_query.fingerprint == in_header.fingerprint
