"""The demonstration: its story, word for word, and how it looks in a terminal."""

import re
import subprocess
import sys

import pytest

from fakestash import cli
from fakestash.demo import story

STORY = """\
fakestash: QStash in memory, on a clock that moves only when it is told to.

A message that arrives
  > POST /v2/publish/https://shop.test/orders
  accepted as ID
  it is 2026-01-01 00:00:00 UTC, and time stands still: 0 deliveries
  > advance(0): whatever is due now
  00:00:00  attempt 1 of 4  200  delivered

A message that always fails
  > POST /v2/publish/https://shop.test/refunds
  accepted as ID
  > run_until_idle(): from event to event, until nothing is due
  00:00:00  attempt 1 of 4  503  again in 12 s
  00:00:12  attempt 2 of 4  503  again in 2 m 28 s
  00:02:40  attempt 3 of 4  503  again in 30 m 8 s
  00:32:48  attempt 4 of 4  503  given up
  > GET /v2/dlq
  in the dead letter queue: https://shop.test/refunds, 503 'out of order'

32 m 48 s passed on this clock, N ms on yours.
"""


def test_it_tells_of_a_success_and_of_a_failure_through_all_retries() -> None:
    ran = subprocess.run(
        (sys.executable, "-W", "error", "-m", "fakestash", "demo"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    told = re.sub(r"\d+ ms on yours", "N ms on yours", ran.stdout)
    assert re.sub(r"msg_\w{4}\.\.\.\w{8}", "ID", told) == STORY


def test_it_fits_a_terminal() -> None:
    assert max(len(line.text) for line in story()) <= 80


def test_it_needs_no_http_client() -> None:
    code = (
        "import sys; sys.modules.update(httpx=None); from fakestash.demo import story; [*story()]"
    )

    ran = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_that_want_them(
    variables: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    with pytest.raises(SystemExit):
        cli.main(["demo"])

    assert ("\x1b[" in capsys.readouterr().out) is coloured
