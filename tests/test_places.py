"""What a fake takes as the place of a destination, and what it refuses."""

from collections.abc import Callable
from typing import cast

import flask
import pytest

from fakestash import FakeQStash, UsageError

TAKERS: dict[str, Callable[[FakeQStash, str], object]] = {
    "mount": lambda fake, place: fake.mount(place, flask.Flask("shop")),
    "allow_http": lambda fake, place: fake.allow_http(place),
    "destination": lambda fake, place: fake.destination(place),
}


@pytest.mark.parametrize("taker", ["mount", "allow_http"])
@pytest.mark.parametrize("place", ["https://shop.test/x", "https://shop.test?x=1"])
def test_where_an_origin_is_asked_for_a_url_on_it_is_refused(taker: str, place: str) -> None:
    with pytest.raises(UsageError) as raised:
        TAKERS[taker](FakeQStash(), place)

    assert str(raised.value) == f"{place!r} is not an origin: give 'https://shop.test'"


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize(
    "place", [5, "shop.test", "https://*.shop.test", "https://me@shop.test", "https://shop.test#x"]
)
def test_what_no_delivery_can_match_is_refused(taker: str, place: object) -> None:
    with pytest.raises(UsageError) as raised:
        TAKERS[taker](FakeQStash(), cast("str", place))

    assert str(raised.value).startswith(f"{place!r} ")


@pytest.mark.parametrize("place", ["https://shop.test", "https://SHOP.test:443/", "*"])
def test_real_http_is_allowed_for_an_origin_or_for_any(place: str) -> None:
    fake = FakeQStash()

    fake.allow_http(place)
    fake.close()


def test_one_place_has_one_scripted_destination_however_it_is_written() -> None:
    fake = FakeQStash()

    assert fake.destination("https://shop.test/x") is fake.destination("https://SHOP.test:443/x")
