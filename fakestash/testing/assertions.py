"""Assertions on deliveries: each failure shows what was delivered instead, and what is due."""

from typing import Final

from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.errors import shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made

_MOST_BYTES_SHOWN: Final = 200


class _Anything:
    """The default of a condition that is not set; None and ``b""`` are values of their own."""

    def __repr__(self) -> str:
        return "anything"


ANYTHING: Final = _Anything()


def find_delivered(
    deliveries: Deliveries,
    url: str,
    *,
    times: int | None,
    method: str | None,
    body: bytes | str | None,
    json: object,
    headers: dict[str, str] | None,
    story: str,
) -> Deliveries:
    """The deliveries that meet all conditions.

    Raises:
        AssertionError: if there are none, or not as many as ``times``.
    """
    wanted_body = body.encode() if isinstance(body, str) else body

    def meets(delivery: Delivery) -> bool:
        return (
            (method is None or delivery.method == method.upper())
            and (wanted_body is None or delivery.body == wanted_body)
            and (json is ANYTHING or _json_of(delivery) == json)
            and all(delivery.headers.get(name) == value for name, value in (headers or {}).items())
        )

    found = deliveries.to(url).where(meets)
    if len(found) == times or (times is None and found):
        return found
    conditions = {"method": method, "body": body, "json": json, "headers": headers}
    asked = "".join(
        f", {name}={value!r}"
        for name, value in conditions.items()
        if value is not (ANYTHING if name == "json" else None)
    )
    expected = "at least one delivery" if times is None else f"{times} deliveries"
    if times == 1:
        expected = "1 delivery"
    made = "\n".join(f"  {_shown(delivery)}" for delivery in deliveries) or "  none"
    raise AssertionError(
        f"expected {expected} to {url}{asked}; there were {len(found)}.\n"
        f"All deliveries:\n{made}\nWhat happened:\n{story}"
    )


def _json_of(delivery: Delivery) -> object:
    try:
        return delivery.json()
    except ValueError:
        return ANYTHING


def _shown(delivery: Delivery) -> str:
    body = delivery.body
    if len(body) > _MOST_BYTES_SHOWN:
        body = body[:_MOST_BYTES_SHOWN] + b"..."
    return f"{delivery!r} {body!r}"
