"""A schedule has another cron expression."""

from qstash import QStash


def test_the_report_is_made_at_nine(qstash):
    QStash(qstash.token).schedule.create(
        destination="https://shop.test/report", cron="0 9 * * 1-5", schedule_id="report"
    )

    qstash.assert_scheduled("https://shop.test/report", cron="0 9 * * *", next_at="9h")
