"""A year of a minutely schedule, and looking ahead at when one fires."""

from datetime import UTC, datetime
from functools import partial
from typing import Final

from croniter import croniter

from fakestash.syntax import cron
from tests.benchmarks.by_hand import ByHand
from tests.benchmarks.in_process import BODY, URL
from tests.benchmarks.processes import running
from tests.benchmarks.rows import Row, at_most
from tests.benchmarks.slices import MILLISECONDS, alternate, seconds
from tests.benchmarks.year import FIRINGS_A_DAY, MINUTELY, read

DAYS: Final = 365
MINUTE_MS: Final = 60_000
START: Final = 1_767_225_600_000

AHEAD: Final = 1_000
SLICES: Final = 20
EXPRESSIONS: Final = (MINUTELY, "*/7 9-17 * * MON-FRI", "CRON_TZ=Europe/Berlin 30 2 * * *")


def measure(quick: bool) -> list[Row]:
    """The year, its memory, and the look ahead."""
    slices, days = (1, 1) if quick else (SLICES, DAYS)
    return [*_year(days), *(_ahead(expression, slices) for expression in EXPRESSIONS)]


# --- a year ----------------------------------------------------------------------------------


def _year(days: int) -> list[Row]:
    """Every firing is delivered to a scripted destination and logged."""
    with running(("tests.benchmarks.year", str(days))) as (process,):
        year = read(process.read())
    firings = days * FIRINGS_A_DAY
    by_hand = seconds(partial(_year_by_hand, firings))
    after_retention = year.megabytes[min(days - 1, 30)]
    return [
        Row(
            f"{firings:,} firings of a minutely schedule, delivered and logged",
            "s",
            [year.seconds],
            [by_hand],
            "heap, dicts, tuples by hand",
            at_most(12),
        ),
        Row(
            f"largest memory of the process in these {days} days",
            "MB",
            [year.megabytes[-1]],
            [after_retention],
            "after the first 30 days",
        ),
    ]


def _year_by_hand(firings: int) -> None:
    messages = ByHand()
    for number in range(firings):
        messages.publish(URL, BODY, START + number * MINUTE_MS)
        messages.deliver(lambda _: 200)


# --- looking ahead ---------------------------------------------------------------------------


def _ahead(expression: str, slices: int) -> Row:
    parsed = cron.parse(expression)
    figures, baselines = alternate(
        slices,
        lambda: seconds(lambda: _instants(parsed)) * MILLISECONDS,
        lambda: seconds(_instants_of_croniter) * MILLISECONDS,
    )
    return Row(
        f"the next {AHEAD:,} instants of {expression}",
        "ms",
        figures,
        baselines,
        f"croniter, {MINUTELY}",
        at_most(50),
    )


def _instants(parsed: cron.Cron) -> None:
    instant: int | None = START
    for _ in range(AHEAD):
        assert instant is not None
        instant = parsed.next_after(instant)


def _instants_of_croniter() -> None:
    instants = croniter(MINUTELY, datetime.fromtimestamp(START / 1000, UTC))
    for _ in range(AHEAD):
        instants.get_next(float)
