"""Why apps refused deliveries, told once for all attempts that it goes for."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from fakestash.delivery.doctor.diagnosis import Diagnosis
from fakestash.delivery.journal import Delivery
from fakestash.matching.words import MOST_SHOWN
from fakestash.testing.scene import Scene


class _Refused(NamedTuple):
    """Deliveries that were refused for one reason."""

    diagnosis: Diagnosis
    deliveries: list[Delivery]


def _refused(deliveries: Iterable[Delivery]) -> list[_Refused]:
    """Those that were refused, by message and reason."""
    found: dict[tuple[str, str], _Refused] = {}
    for delivery in deliveries:
        diagnosis = delivery.diagnosis
        if diagnosis is not None:
            key = (delivery.message_id, str(diagnosis))
            found.setdefault(key, _Refused(diagnosis, [])).deliveries.append(delivery)
    return list(found.values())


def refusals(concerned: Collection[str], scene: Scene) -> list[str]:
    """Why deliveries of the messages with these ids were refused, line by line."""
    lines: list[str] = []
    mine = [each for each in scene.deliveries if each.message_id in concerned]
    found = _refused(mine)
    for each in found[:MOST_SHOWN]:
        first = each.deliveries[0]
        told = str(each.diagnosis).splitlines()
        name = f"{scene.name(first.message_id)} {first.method} {first.url}"
        attempts = ", ".join(str(made.retried + 1) for made in each.deliveries)
        lines.append(f"  {name}, attempt {attempts}: {told[0]}")
        lines += [f"      {line}" for line in told[1:]]
    if len(found) > MOST_SHOWN:
        lines.append(f"  ... and {len(found) - MOST_SHOWN:,} more")
    return lines
