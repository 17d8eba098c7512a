"""The calendar of cron expressions, against that of ``datetime``."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fakestash.syntax.cron_days import DayRule, first_day_from

EPOCH = date(1970, 1, 1)
EVERY_MONTH = frozenset(range(1, 13))
EVERY_DAY = frozenset(range(1, 32))
EVERY_WEEKDAY = frozenset(range(7))
DATES = st.dates(date(2, 1, 1), date(9990, 1, 1))


def number_of(day: date) -> int:
    return (day - EPOCH).days


@given(DATES, st.integers(1, 12), st.integers(1, 31), st.integers(0, 6))
def test_a_rule_names_the_days_of_the_calendar(
    start: date, month: int, day: int, weekday: int
) -> None:
    days = [start + timedelta(days=count) for count in range(2 * 366)]
    weekdays = frozenset({weekday})
    in_month = [day for day in days if day.month == month]

    def first(rule: DayRule) -> int | None:
        return first_day_from(rule, number_of(start), number_of(start))

    assert first(DayRule(EVERY_DAY, frozenset({month}), EVERY_WEEKDAY, either=False)) == number_of(
        in_month[0]
    )
    assert first(DayRule(EVERY_DAY, EVERY_MONTH, weekdays, either=False)) == number_of(
        next(day for day in days if day.isoweekday() % 7 == weekday)
    )
    assert first(DayRule(frozenset({day}), EVERY_MONTH, weekdays, either=True)) == number_of(
        next(found for found in days if found.day == day or found.isoweekday() % 7 == weekday)
    )


def test_years_begin_and_end_where_they_do() -> None:
    new_year = DayRule(frozenset({1}), frozenset({1}), EVERY_WEEKDAY, either=False)
    last_day = DayRule(frozenset({31}), frozenset({12}), EVERY_WEEKDAY, either=False)
    leap_day = DayRule(frozenset({29}), frozenset({2}), EVERY_WEEKDAY, either=False)

    for year in range(1, 9994):
        first, last = number_of(date(year, 1, 1)), number_of(date(year, 12, 31))
        assert first_day_from(new_year, first, first) == first
        assert first_day_from(new_year, first + 1, first) == last + 1
        assert first_day_from(last_day, last, last) == last
        assert first_day_from(last_day, first, first) == last
        found = first_day_from(leap_day, first, first)
        assert (found is not None and found <= last) == (last - first == 365)


def test_a_search_ends_with_the_fifth_year() -> None:
    last_day = DayRule(frozenset({31}), frozenset({12}), EVERY_WEEKDAY, either=False)
    since = number_of(date(2026, 7, 1))
    end = number_of(date(2031, 12, 31))

    assert first_day_from(last_day, end, since) == end
    assert first_day_from(last_day, end + 1, since) is None
