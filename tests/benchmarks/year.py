"""Days of a minutely schedule, in a process of its own: only so is its memory its own.

Every firing is delivered to a scripted destination and logged. Prints one line of JSON.
"""

import json
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time
from typing import Any, Final, NamedTuple

from fakestash import FakeQStash
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.settings import CronSettings
from fakestash.model.users import DEFAULT_USER
from fakestash.syntax import cron
from tests.benchmarks.in_process import BODY, HEADERS, URL

MINUTELY: Final = "* * * * *"
FIRINGS_A_DAY: Final = 1_440
_KIB_PER_MB: Final = 1024


class Year(NamedTuple):
    """The processor time of all days, and the most memory that had been used after each."""

    seconds: float
    megabytes: list[float]


def spend(days: int) -> Year:
    """Let so many days pass."""
    fake = FakeQStash()
    fake.destination("https://shop.test").responds(200)
    request = PublishRequest(
        PublishCommand(URL, BODY, "POST", HEADERS), cron=CronSettings(cron.parse(MINUTELY))
    )
    fake.engine.schedules.create(DEFAULT_USER.id, request)
    megabytes: list[float] = []
    start = process_time()
    for _ in range(days):
        fake.advance("1d", limit=3 * FIRINGS_A_DAY)
        megabytes.append(_peak_kib() / _KIB_PER_MB)
    return Year(process_time() - start, megabytes)


def _peak_kib() -> int:
    """The most memory that this process has used so far.

    ``ru_maxrss`` is no less than that of the process which started this one, so Linux is asked in
    another way.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return getrusage(RUSAGE_SELF).ru_maxrss
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def read(line: str) -> Year:
    """The line that the process prints."""
    found: dict[str, Any] = json.loads(line)
    return Year(**found)


if __name__ == "__main__":
    print(json.dumps(spend(int(sys.argv[1]))._asdict()), flush=True)
    sys.stdin.read()  # whoever started this process ends it
