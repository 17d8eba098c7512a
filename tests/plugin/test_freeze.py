"""``freeze=True``: the clock of the process shows the fake's instant."""

import sys
import time
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from freezegun import freeze_time

from fakestash import FakeQStash, UsageError
from tests.plugin import receivers


def publish(fake: FakeQStash, url: str = "https://shop.test/hook", delay: str = "1h") -> None:
    with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
        headers = {"Authorization": f"Bearer {fake.token}", "Upstash-Delay": delay}
        client.post(f"/v2/publish/{url}", headers=headers)


def shown() -> tuple[str, float]:
    return str(datetime.now(UTC)), time.time()


START = ("2026-01-01 00:00:00+00:00", 1_767_225_600.0)
IN_AN_HOUR = ("2026-01-01 01:00:00+00:00", 1_767_229_200.0)
IN_TWO_HOURS = ("2026-01-01 02:00:00+00:00", 1_767_232_800.0)


@pytest.mark.qstash(freeze=True)
@pytest.mark.parametrize("kind", ["function", "coroutine", "thread"])
def test_the_clock_follows_in_deliveries_and_after_moves(qstash: FakeQStash, kind: str) -> None:
    seen = [shown()]
    app = FastAPI()

    if kind == "coroutine":

        @app.post("/hook")
        async def hook() -> None:
            seen.append(shown())

    else:

        @app.post("/hook")
        def hook_in_a_thread() -> None:
            seen.append(shown())

    if kind == "function":
        qstash.destination("https://shop.test").responds(lambda _: seen.append(shown()))
    else:
        qstash.mount("https://shop.test", app)
    publish(qstash)
    qstash.advance("2h")

    assert [*seen, shown()] == [START, IN_AN_HOUR, IN_TWO_HOURS]


@pytest.mark.asyncio
@pytest.mark.qstash(freeze=True)
async def test_the_clock_follows_in_an_async_test(qstash: FakeQStash) -> None:
    seen: list[tuple[str, float]] = []
    qstash.destination("https://shop.test").responds(lambda _: seen.append(shown()))
    publish(qstash)
    await qstash.advance_async("2h")

    assert [*seen, shown()] == [IN_AN_HOUR, IN_TWO_HOURS]


@pytest.mark.qstash(freeze=True)
def test_signatures_hold(qstash: FakeQStash) -> None:
    qstash.mount("https://shop.test", receivers.asgi_app)
    publish(qstash, delay="30d")
    qstash.advance("30d")

    assert [each.response_body for each in qstash.deliveries] == [b"accepted"]


@pytest.mark.qstash(freeze=True)
def test_time_frozen_on_top_is_refused(qstash: FakeQStash) -> None:
    with freeze_time("2031-05-01"), pytest.raises(UsageError) as raised:
        qstash.advance("1h")

    assert str(raised.value) == (
        "freeze=True has the clock of the process follow the fake, and something has frozen time "
        "on top of that: two cannot lead. Move the fake's time instead (qstash.advance_to), or "
        "freeze time before the fixture is made, or take freeze=True away"
    )


def test_it_goes_on_from_frozen_time_and_gives_it_back(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from datetime import datetime
        from freezegun import freeze_time

        @pytest.fixture
        def past():
            with freeze_time("1999-12-31"):
                yield
                assert datetime.now() == datetime(1999, 12, 31)

        @pytest.mark.qstash(freeze=True)
        def test_frozen(past, qstash):
            qstash.advance("1d")
            assert str(qstash.now) == "2000-01-01 00:00:00+00:00"
            assert datetime.now() == datetime(2000, 1, 1)

        @pytest.mark.qstash(freeze=True, start="2027-01-01T00:00:00Z")
        def test_the_start_wins(past, qstash):
            assert datetime.now() == datetime(2027, 1, 1)
        """
    )

    project.inline_run().assertoutcome(passed=2)


def test_it_goes_on_from_where_time_machine_has_travelled_and_gives_it_back(
    project: pytest.Pytester,
) -> None:
    pytest.importorskip("time_machine")
    project.makepyfile(
        """
        import pytest, time, time_machine
        from datetime import UTC, datetime
        from qstash import QStash, Receiver

        PAST = datetime(1999, 12, 31, tzinfo=UTC)

        @pytest.fixture
        def past():
            with time_machine.travel(PAST, tick=False):
                yield
                assert datetime.now(UTC) == PAST

        @pytest.mark.qstash(freeze=True)
        def test_frozen(past, qstash):
            def verify(request):
                assert time.time() == datetime(2000, 1, 1, tzinfo=UTC).timestamp()
                Receiver(qstash.current_signing_key, qstash.next_signing_key).verify(
                    signature=request.headers["Upstash-Signature"], body="", url=request.url
                )

            qstash.destination("https://shop.test").responds(verify)
            QStash(qstash.token).message.publish(url="https://shop.test", body="", delay="1d")
            qstash.advance("2d")
            assert [each.status for each in qstash.deliveries] == [200]
            assert datetime.now(UTC) == qstash.now == datetime(2000, 1, 2, tzinfo=UTC)

        @pytest.mark.qstash(start="now")
        def test_not_frozen(past, qstash):
            assert qstash.now == PAST

        @pytest.mark.qstash(freeze=True)
        def test_on_top(qstash):
            with pytest.raises(RuntimeError, match="freezegun is active"):
                time_machine.travel(PAST).start()
        """
    )

    project.inline_run().assertoutcome(passed=3)


def test_the_option_is_for_a_whole_suite_and_each_test_ends_it(project: pytest.Pytester) -> None:
    with (project.path / "tox.ini").open("a") as settings:
        settings.write("\nfakestash_freeze = true\n")
    project.makepyfile(
        """
        import time, pytest

        real = time.time

        def test_frozen(qstash):
            assert time.time() == 1767225600

        @pytest.mark.qstash(freeze=False)
        def test_not_frozen(qstash):
            assert time.time is real

        def test_without():
            assert time.time is real
        """
    )

    project.inline_run().assertoutcome(passed=3)


def test_it_says_so_where_freezegun_is_missing(
    qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_fakestash.freezing import ProcessClock

    monkeypatch.setitem(sys.modules, "freezegun", None)

    with pytest.raises(UsageError) as raised:
        ProcessClock()

    assert str(raised.value) == (
        "freeze=True needs freezegun, which is not installed: pip install freezegun"
    )


def test_pytest_measures_how_long_a_test_takes_all_the_same(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.qstash(freeze=True)
        def test_it(qstash):
            qstash.advance("30d")
        """
    )

    passed, _, _ = project.inline_run().listoutcomes()

    assert all(0 <= report.duration < 86_400 for report in passed)
