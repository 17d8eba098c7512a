"""Assertions on deliveries: which ones count, and what a failure tells."""

import pytest

from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.errors import UsageError
from fakestash.testing.assertions import ANYTHING, find_delivered
from tests.builders import BROKEN, OK, Stage
from tests.delivery.requests import a_request

STORY = "  (the story)"


def made() -> Deliveries:
    """A failed and a successful POST of JSON, and a second attempt of a GET elsewhere."""
    stage = Stage(BROKEN, OK)
    stage.publish(body=b'{"a": 1}', headers=(("X-A", "1"),), retries=0)
    stage.publish(body=b'{"a":1}')
    stage.advance(0)
    under_way = Delivery(a_request("https://shop.test/other?x=1", method="GET", retried=1))
    return Deliveries([*stage.courier.deliveries, under_way])


def found(
    url: str = "https://shop.test",
    *,
    times: int | None = None,
    method: str | None = None,
    body: bytes | str | None = None,
    json: object = ANYTHING,
    headers: dict[str, str] | None = None,
) -> list[int]:
    """The places of the deliveries that are found."""
    deliveries = made()
    matching = find_delivered(
        deliveries,
        url,
        times=times,
        method=method,
        body=body,
        json=json,
        headers=headers,
        story=STORY,
    )
    shown = [repr(each) for each in deliveries]
    return [shown.index(repr(each)) for each in matching]


def test_without_conditions_the_place_decides() -> None:
    assert found() == [0, 1, 2]
    assert found("https://shop.test/hook") == [0, 1]
    assert found("https://shop.test/other?x=1") == [2]


def test_a_method_is_compared_in_any_case() -> None:
    assert (found(method="get"), found(method="POST")) == ([2], [0, 1])


def test_a_body_is_compared_byte_for_byte() -> None:
    assert (found(body=b'{"a": 1}'), found(body='{"a":1}')) == ([0], [1])
    assert found(body=b"") == [2]


def test_json_is_compared_as_values() -> None:
    assert found(json={"a": 1}) == [0, 1]


def test_a_body_that_is_no_json_equals_no_value() -> None:
    with pytest.raises(AssertionError, match="there were 0"):
        found("https://shop.test/other", json=None)


def test_headers_are_compared_by_name_in_any_case() -> None:
    assert found(headers={"x-a": "1"}) == [0]
    assert found(headers={"x-a": "1", "user-agent": "Upstash-QStash"}) == [0]
    assert found(headers={}) == [0, 1, 2]


def test_all_conditions_must_be_met() -> None:
    assert found("https://shop.test/hook", json={"a": 1}, headers={"X-A": "1"}) == [0]
    assert found(method="GET", headers={"Upstash-Retried": "1"}) == [2]
    with pytest.raises(AssertionError):
        found(json={"a": 1}, method="GET")


@pytest.mark.parametrize(("url", "times"), [("https://shop.test", 3), ("https://shop.test/no", 0)])
def test_the_number_can_be_asked_for(url: str, times: int) -> None:
    assert len(found(url, times=times)) == times


@pytest.mark.parametrize("times", [0, 2, 4])
def test_another_number_is_a_failure(times: int) -> None:
    with pytest.raises(AssertionError, match=rf"^expected {times} deliveries to .* were 3\.\n"):
        found(times=times)


def test_a_failure_tells_what_was_asked_what_was_made_and_what_happened() -> None:
    with pytest.raises(AssertionError) as raised:
        found(
            "https://shop.test/hook",
            method="PUT",
            body="x",
            json=[1],
            headers={"X-A": "2"},
        )

    assert str(raised.value) == (
        "expected at least one delivery to https://shop.test/hook, method='PUT', body='x', "
        "json=[1], headers={'X-A': '2'}; there were 0.\n"
        "All deliveries:\n"
        "  <Delivery POST https://shop.test/hook retried=0 -> HTTP status 500> b'{\"a\": 1}'\n"
        "  <Delivery POST https://shop.test/hook retried=0 -> 200> b'{\"a\":1}'\n"
        "  <Delivery GET https://shop.test/other?x=1 retried=1 -> no answer yet> b''\n"
        "What happened:\n"
        "  (the story)"
    )


def test_a_failure_names_only_the_conditions_that_were_set() -> None:
    with pytest.raises(AssertionError) as raised:
        found("https://shop.test/no", times=1)

    assert str(raised.value).startswith(
        "expected 1 delivery to https://shop.test/no; there were 0.\nAll deliveries:\n"
    )


@pytest.mark.parametrize("value", [None, {}, 0, ""])
def test_an_expected_json_that_is_empty_is_named_too(value: object) -> None:
    with pytest.raises(AssertionError) as raised:
        found(json=value)

    assert f", json={value!r}; there were 0." in str(raised.value)


def test_without_deliveries_a_failure_says_so() -> None:
    with pytest.raises(AssertionError) as raised:
        find_delivered(
            Deliveries(),
            "https://shop.test",
            times=None,
            method=None,
            body=None,
            json=ANYTHING,
            headers=None,
            story=STORY,
        )

    assert str(raised.value) == (
        "expected at least one delivery to https://shop.test; there were 0.\n"
        "All deliveries:\n"
        "  none\n"
        "What happened:\n"
        "  (the story)"
    )


@pytest.mark.parametrize(
    ("size", "shown"), [(200, "x" * 200), (201, "x" * 200 + "..."), (9_999, "x" * 200 + "...")]
)
def test_a_long_body_is_shown_in_part(size: int, shown: str) -> None:
    delivery = Delivery(a_request(body=b"x" * size))

    with pytest.raises(AssertionError) as raised:
        find_delivered(
            Deliveries([delivery]),
            "https://shop.test",
            times=2,
            method=None,
            body=None,
            json=ANYTHING,
            headers=None,
            story=STORY,
        )

    assert str(raised.value).splitlines()[2] == (
        f"  <Delivery POST https://shop.test/hook retried=0 -> no answer yet> b'{shown}'"
    )


def test_no_place_to_deliver_to_is_a_mistake_and_no_failure() -> None:
    with pytest.raises(UsageError, match=r"^'/hook' is not a destination: "):
        found("/hook")


def test_anything_prints_as_such() -> None:
    assert repr(ANYTHING) == "anything"
