"""A job runner: each job is a function, and a schedule of QStash calls it by its name."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from flask import Flask, abort, request
from qstash import QStash, Receiver
from qstash.errors import SignatureError

BASE_URL = "https://jobs.test"

app = Flask(__name__)


class Job(NamedTuple):
    cron: str
    run: Callable[[], None]


class State:
    """What a real runner keeps in its database."""

    def __init__(self) -> None:
        self.reported_until = date(2026, 3, 26)
        self.reports: list[str] = []
        self.disk_is_full = False


state = State()


def report() -> None:
    """Write a report for each day that has none, so that a missed run is made up for."""
    today = datetime.now(UTC).date()
    while state.reported_until < today:
        state.reported_until += timedelta(days=1)
        state.reports.append(str(state.reported_until))


def backup() -> None:
    """Keep a copy of everything."""
    if state.disk_is_full:
        raise OSError("no space left on device")


JOBS = {
    "report": Job("CRON_TZ=Europe/Berlin 30 3 * * *", report),
    "backup": Job("0 */6 * * *", backup),
}


def deploy() -> None:
    """Have a schedule for each job, however often this is called."""
    client = QStash(os.environ["QSTASH_TOKEN"])
    for name, job in JOBS.items():
        client.schedule.create(
            destination=f"{BASE_URL}/jobs/{name}", cron=job.cron, schedule_id=name, retries=1
        )


@app.post("/jobs/<name>")
def run(name: str) -> tuple[str, int]:
    receiver = Receiver(
        current_signing_key=os.environ["QSTASH_CURRENT_SIGNING_KEY"],
        next_signing_key=os.environ["QSTASH_NEXT_SIGNING_KEY"],
    )
    try:
        receiver.verify(
            signature=request.headers.get("Upstash-Signature", ""),
            body=request.get_data(as_text=True),
            url=request.url,
        )
    except SignatureError:
        abort(401)
    JOBS[name].run()
    return "", 204
