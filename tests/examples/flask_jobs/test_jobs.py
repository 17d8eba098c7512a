"""How the users of fakestash test scheduled jobs: days pass, and clocks change, in milliseconds."""

import pytest
from qstash import QStash

from fakestash import FakeQStash
from tests.examples.flask_jobs import jobs

REPORT = "https://jobs.test/jobs/report"
BACKUP = "https://jobs.test/jobs/backup"

# Two nights before clocks go forward in Berlin; the jobs see the time of the fake.
pytestmark = pytest.mark.qstash(start="2026-03-27T00:00:00+01:00", freeze=True, audit="error")


@pytest.fixture(autouse=True)
def deployed(qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "state", jobs.State())
    qstash.mount("https://jobs.test", jobs.app)
    jobs.deploy()


def test_each_job_has_one_schedule_however_often_it_is_deployed(qstash: FakeQStash) -> None:
    jobs.deploy()

    qstash.assert_scheduled(REPORT, times=1, next_at="2026-03-27T03:30:00+01:00")
    qstash.assert_scheduled(BACKUP, times=1, cron="0 */6 * * *")


def test_the_report_keeps_its_hour_when_clocks_change(qstash: FakeQStash) -> None:
    assert [str(firing.at) for firing in qstash.upcoming("3d").of("report")] == [
        "2026-03-27 02:30:00+00:00",
        "2026-03-28 02:30:00+00:00",
        "2026-03-29 01:30:00+00:00",
    ]

    qstash.advance("3d")

    assert jobs.state.reports == ["2026-03-27", "2026-03-28", "2026-03-29"]


def test_runs_that_a_pause_skipped_are_made_up_for(qstash: FakeQStash) -> None:
    schedules = QStash(qstash.token).schedule
    schedules.pause("report")
    qstash.advance("2d")
    qstash.assert_not_delivered(REPORT)
    assert jobs.state.reports == []

    schedules.resume("report")
    qstash.advance("1d")

    qstash.assert_delivered(REPORT, times=1)
    assert jobs.state.reports == ["2026-03-27", "2026-03-28", "2026-03-29"]


def test_a_run_that_was_missed_is_found_and_the_next_is_not_hindered(qstash: FakeQStash) -> None:
    jobs.state.disk_is_full = True
    (run,) = qstash.fire("backup")
    qstash.run_until_idle()

    assert "OSError: no space left on device" in qstash.explain(run)
    qstash.assert_dead_lettered(BACKUP, times=1, status=500)

    jobs.state.disk_is_full = False
    qstash.advance("6h")

    (delivery,) = qstash.assert_delivered(BACKUP, at="2026-03-27T00:00:00Z")
    assert (delivery.status, delivery.headers["Upstash-Schedule-Id"]) == (204, "backup")
