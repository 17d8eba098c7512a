"""What differs between two stories where nothing can be had to the millisecond.

What happens to one message has to come out in its order, and each part of it at its offset or a
little later, never earlier. The order between messages is told by the offsets alone.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from tests.scenarios.shape import Delivered, Json, Letter, Logged, Story

TOLERANCE: Final = 24_000
"""By how much (ms of the clock) anything may be later than what came before it: less than lies
between any step and what it must not meet."""

Rows: TypeAlias = dict[str, list[dict[str, Json]]]


class Differences(NamedTuple):
    """How a performance differs from what was to come of it."""

    wrong: list[str]
    too_late: list[str]


def differences(told: Story, expected: Story) -> Differences:
    """Compare message by message; what happens to it one after the other may be a little late."""
    found = Differences([], [])
    _compare(found, "answers", list(told.answers), list(expected.answers))
    _compare(found, "lag", dict(told.lag), dict(expected.lag))
    log = _by_message(told.log)
    _compare(found, "log", log, _by_message(expected.log))
    _compare_with_log(found, log, told.deliveries, expected.deliveries, "ACTIVE")
    _compare_with_log(found, log, told.letters, expected.letters, "FAILED")
    return found


def _compare_with_log(
    found: Differences,
    log: Rows,
    told: Iterable[Delivered | Letter],
    expected: Iterable[Delivered | Letter],
    state: str,
) -> None:
    """Compare all but the offsets, which have to be those at which the log has ``state``."""
    rows = _by_message(told)
    for name in rows:
        logged = [row["at"] for row in log.get(name, ()) if row["state"] == state]
        if [row.pop("at") for row in rows[name]] != logged[-len(rows[name]) :]:
            found.wrong.append(f"{name}: not at the instants at which the log has {state}")
    others = _by_message(expected)
    for row in (row for group in others.values() for row in group):
        del row["at"]
    _compare(found, state, rows, others)


def _by_message(rows: Iterable[Logged | Delivered | Letter]) -> Rows:
    """Rows by message, in order."""
    grouped: Rows = {}
    for row in rows:
        grouped.setdefault(row.message, []).append(row._asdict())
    return grouped


def _compare(found: Differences, where: str, told: Json, expected: Json) -> None:
    if isinstance(told, dict) and isinstance(expected, dict) and told.keys() == expected.keys():
        for key in expected.keys() - {"at"}:
            _compare(found, f"{where} {key}", told[key], expected[key])
    elif isinstance(told, list) and isinstance(expected, list) and len(told) == len(expected):
        _compare_offsets(found, where, _offsets(told), _offsets(expected))
        for number, (one, other) in enumerate(zip(told, expected, strict=True)):
            _compare(found, f"{where} {number}", one, other)
    elif told != expected:
        found.wrong.append(f"{where}: {told!r} is not {expected!r}")


def _offsets(rows: Iterable[Json]) -> list[int]:
    return [row["at"] for row in rows if isinstance(row, dict) and "at" in row]


def _compare_offsets(
    found: Differences, where: str, told: Sequence[int], expected: Sequence[int]
) -> None:
    """Nothing is early. How late something is adds up: each may be so by itself."""
    late = 0
    for one, other in zip(told, expected, strict=False):
        if one < other:
            found.wrong.append(f"{where}: at {one}, before {other}")
        elif one - other > late + TOLERANCE:
            found.too_late.append(f"{where}: at {one}, long after {other}")
        late = max(late, one - other)
