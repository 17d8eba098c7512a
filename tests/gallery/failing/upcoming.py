"""A schedule fires at other times than the test says."""

from qstash import QStash


def test_the_report_is_made_twice_a_day(qstash):
    QStash(qstash.token).schedule.create(
        destination="https://shop.test/report", cron="0 */8 * * *", schedule_id="report"
    )

    assert [str(event) for event in qstash.upcoming("1d")] == [
        "2026-01-01T00:00:00Z firing of schedule report for https://shop.test/report",
        "2026-01-01T12:00:00Z firing of schedule report for https://shop.test/report",
    ]
