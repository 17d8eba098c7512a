"""The ``qstash`` fixture: a fake of the test's own, served and announced, gone afterwards."""

import json
import os
import socket
from base64 import b64decode
from urllib.parse import urlsplit

import httpx
import pytest
from qstash import QStash, Receiver

from fakestash import FakeQStash

VARIABLES = (
    "QSTASH_URL",
    "QSTASH_TOKEN",
    "QSTASH_CURRENT_SIGNING_KEY",
    "QSTASH_NEXT_SIGNING_KEY",
    "QSTASH_DEV",
    "QSTASH_REGION",
)


def environment() -> dict[str, str | None]:
    return {name: os.environ.get(name) for name in VARIABLES}


# --- what the test gets --------------------------------------------------------------------


def test_it_is_a_fake_that_the_official_client_reaches(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook").responds(200)

    QStash(qstash.token).message.publish(url="https://shop.test/hook", body="hello")
    qstash.advance(0)

    assert [delivery.body for delivery in qstash.deliveries] == [b"hello"]


def test_the_environment_names_the_fake(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("QSTASH_URL", "https://elsewhere.test")
    monkeypatch.setenv("QSTASH_DEV", "true")
    monkeypatch.setenv("QSTASH_REGION", "US_EAST_1")
    qstash: FakeQStash = request.getfixturevalue("qstash")

    assert environment() == {
        "QSTASH_URL": qstash.url,
        "QSTASH_TOKEN": qstash.token,
        "QSTASH_CURRENT_SIGNING_KEY": qstash.current_signing_key,
        "QSTASH_NEXT_SIGNING_KEY": qstash.next_signing_key,
        "QSTASH_DEV": None,
        "QSTASH_REGION": None,
    }


def test_a_receiver_made_from_the_environment_accepts_deliveries(qstash: FakeQStash) -> None:
    receiver = Receiver(
        os.environ["QSTASH_CURRENT_SIGNING_KEY"], os.environ["QSTASH_NEXT_SIGNING_KEY"]
    )
    qstash.destination("https://shop.test/hook").responds(200)
    QStash(os.environ["QSTASH_TOKEN"]).message.publish(url="https://shop.test/hook", body="hello")
    qstash.advance(0)

    (delivery,) = qstash.deliveries
    receiver.verify(signature=delivery.headers["Upstash-Signature"], body="hello", url=delivery.url)


def test_the_environment_is_restored(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QSTASH_TOKEN", "mine")
    monkeypatch.setenv("QSTASH_DEV", "1")
    before = environment()
    project.makepyfile(
        """
        import os

        def test_environment(qstash):
            assert os.environ["QSTASH_TOKEN"] == qstash.token
            assert "QSTASH_DEV" not in os.environ

        def test_environment_changed_on_top(qstash, monkeypatch):
            monkeypatch.setenv("QSTASH_URL", "https://elsewhere.test")

        def test_without():
            assert os.environ["QSTASH_TOKEN"] == "mine"
            assert "QSTASH_URL" not in os.environ
        """
    )

    project.inline_run().assertoutcome(passed=3)

    assert environment() == before


@pytest.mark.parametrize("order", ["one two", "two one"])
def test_each_test_starts_afresh_on_one_server(project: pytest.Pytester, order: str) -> None:
    project.makepyfile(
        """
        from qstash import QStash

        urls = set()

        def publish_one(qstash):
            assert len(QStash(qstash.token).log.list().logs) == 0
            assert str(qstash.now) == "2026-01-01 00:00:00+00:00"
            published = QStash(qstash.token).message.publish(url="https://shop.test", body="1")
            assert [log.message_id for log in QStash(qstash.token).log.list().logs] == [
                published.message_id
            ]
            qstash.destination("https://shop.test").responds(500)
            qstash.advance("1d")
            assert len(qstash.deliveries) == 4
            urls.add(qstash.url)
            assert len(urls) == 1

        def test_one(qstash):
            publish_one(qstash)

        def test_two(qstash):
            publish_one(qstash)
        """
    )
    names = [
        f"test_each_test_starts_afresh_on_one_server.py::test_{name}" for name in order.split()
    ]

    recorder = project.inline_run(*names)

    passed, _, _ = recorder.listoutcomes()
    assert [report.nodeid for report in passed] == names


def test_a_straggler_of_a_test_that_is_over_is_told_so(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import httpx

        def test_one(qstash):
            global url
            url = qstash.url

        def test_two():
            answer = httpx.post(f"{url}/v2/publish/https://shop.test")
            assert answer.status_code == 503
            assert "before the test that uses it began, or after it ended" in answer.text
        """
    )

    project.inline_run().assertoutcome(passed=2)


def test_the_server_ends_with_the_session(project: pytest.Pytester) -> None:
    project.makepyfile("def test_one(qstash): print(qstash.url)")

    recorder = project.inline_run()

    (report,) = recorder.listoutcomes()[0]
    address = urlsplit(report.capstdout.strip())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port))


# --- how it is set up ----------------------------------------------------------------------


@pytest.mark.qstash(start="2026-03-29T00:30:00+01:00", seed=7, region="US-EAST-1")
class TestMarker:
    def test_the_marker_sets_it_up(self, qstash: FakeQStash) -> None:
        qstash.destination("https://shop.test").responds(200)
        published = httpx.post(
            f"{qstash.url}/v2/publish/https://shop.test",
            headers={"Authorization": f"Bearer {qstash.token}"},
        )
        qstash.advance(0)

        assert str(qstash.now) == "2026-03-28 23:30:00+00:00"
        assert qstash.deliveries[0].headers["Upstash-Region"] == "US-EAST-1"
        with FakeQStash(seed=7) as same, httpx.Client(transport=same.transport) as client:
            again = client.post(
                f"{same.url}/v2/publish/https://shop.test",
                headers={"Authorization": f"Bearer {same.token}"},
            )
        assert published.json() == again.json()

    @pytest.mark.qstash(start="2027-01-01T00:00:00Z")
    def test_the_closest_marker_wins(self, qstash: FakeQStash) -> None:
        qstash.destination("https://shop.test").responds(200)
        QStash(qstash.token).message.publish(url="https://shop.test", body="")
        qstash.advance(0)

        assert str(qstash.now) == "2027-01-01 00:00:00+00:00"
        assert qstash.deliveries[0].headers["Upstash-Region"] == "US-EAST-1"

    @pytest.mark.qstash(sign_with_virtual_time=True)
    def test_the_marker_says_whose_time_signatures_bear(self, qstash: FakeQStash) -> None:
        qstash.destination("https://shop.test").responds(200)
        QStash(qstash.token).message.publish(url="https://shop.test", body="")
        qstash.advance(0)

        token = qstash.deliveries[0].headers["Upstash-Signature"]
        claims = json.loads(b64decode(token.split(".")[1] + "=="))
        assert claims["iat"] == qstash.now.timestamp()


def test_the_option_sets_the_start_for_a_whole_suite(project: pytest.Pytester) -> None:
    with (project.path / "tox.ini").open("a") as settings:
        settings.write("\nfakestash_start = 2026-06-01T00:00:00Z\n")
    project.makepyfile(
        """
        import pytest

        def test_suite(qstash):
            assert str(qstash.now) == "2026-06-01 00:00:00+00:00"

        @pytest.mark.qstash(start="2027-01-01T00:00:00Z")
        def test_one(qstash):
            assert str(qstash.now) == "2027-01-01 00:00:00+00:00"
        """
    )

    project.inline_run().assertoutcome(passed=2)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            "strat='now'",
            (
                "@pytest.mark.qstash has no keyword 'strat'; "
                "it has start, seed, region, plan, strict_hosts, llm_target, "
                "sign_with_virtual_time, strict, strict_api, chaos, freeze, audit"
            ),
        ),
        (
            "'now'",
            (
                "@pytest.mark.qstash takes keywords only, such as start=...: "
                "start, seed, region, plan, strict_hosts, llm_target, sign_with_virtual_time, "
                "strict, strict_api, chaos, freeze, audit"
            ),
        ),
    ],
)
def test_a_marker_that_says_something_else_is_refused(
    project: pytest.Pytester, arguments: str, complaint: str
) -> None:
    project.makepyfile(
        f"import pytest\n@pytest.mark.qstash({arguments})\ndef test_one(qstash): pass"
    )

    (report,) = project.inline_run().getfailures()

    assert report.when == "setup"
    assert report.longreprtext == f"the fixture qstash cannot be set up: {complaint}"


def test_a_marker_names_the_plan(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.qstash(plan="free")
        def test_one(qstash):
            assert qstash.engine.plan.name == "free"
        """
    )

    project.inline_run().assertoutcome(passed=1)


def test_the_marker_is_registered(project: pytest.Pytester) -> None:
    project.runpytest_inprocess("--markers").stdout.fnmatch_lines(
        ["@pytest.mark.qstash(start=..., seed=..., region=..., plan=..., strict_hosts=..., *): *"]
    )
