"""What the service does not know: noted in the fixture, found by the audit, refused on demand."""

from datetime import timedelta

import httpx
import pytest

from fakestash import FakeQStash, StrictnessNote

URL = "https://shop.test/hook"
TO_A_DESTINATION = "POST /v2/publish/{destination}"


def send(fake: FakeQStash, method: str, path: str, **headers: str) -> httpx.Response:
    token = {"Authorization": f"Bearer {fake.token}"}
    with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
        return client.request(method, path, headers={**token, **headers})


def misspell(fake: FakeQStash) -> httpx.Response:
    return send(fake, "POST", f"/v2/publish/{URL}", **{"Upstash-Retires": "5"})


def test_it_is_noted_in_the_fakes_time(qstash: FakeQStash) -> None:
    qstash.destination(URL)
    misspell(qstash)
    qstash.advance("1h")
    misspell(qstash)

    (note,) = qstash.strictness.notes

    assert isinstance(note, StrictnessNote)
    assert (note.kind, note.count, note.where) == ("unknown_header", 2, TO_A_DESTINATION)
    assert note.last - note.first == timedelta(hours=1)
    assert str(note) == (
        f"unknown header Upstash-Retires of {TO_A_DESTINATION}: did you mean Upstash-Retries?"
    )


def test_the_audit_finds_it(qstash: FakeQStash) -> None:
    misspell(qstash)
    misspell(qstash)
    send(qstash, "GET", "/v2/queue")
    send(qstash, "PUT", "/v2/keys")
    send(qstash, "GET", "/v2/keys", **{"Upstash-Tea": "1"})

    found = [(each.kind, each.url, each.what, each.advice) for each in qstash.audit()[-4:]]

    assert found == [
        (
            "unknown",
            "",
            f"the service does not know the header Upstash-Retires of {TO_A_DESTINATION}, 2 times",
            "send Upstash-Retries",
        ),
        ("unknown", "", "the service does not know the route GET /v2/queue", "call /v2/queues"),
        (
            "unknown",
            "",
            "the service does not know the method PUT /v2/keys",
            "call it with GET, HEAD",
        ),
        (
            "unknown",
            "",
            "the service does not know the header Upstash-Tea of GET /v2/keys",
            "leave it out: it means nothing",
        ),
    ]


@pytest.mark.qstash(strict_api=True)
def test_a_marker_has_it_refused(qstash: FakeQStash) -> None:
    answer = misspell(qstash)

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": f"{qstash.strictness.notes[0]} (refused by strict_api)"},
    )
    assert len(qstash.messages) == 0


def test_the_option_has_it_refused_in_a_whole_suite(project: pytest.Pytester) -> None:
    with (project.path / "tox.ini").open("a") as settings:
        settings.write("\nfakestash_strict_api = true\n")
    project.makepyfile(
        """
        import pytest
        from qstash import QStash
        from qstash.errors import QStashError

        def test_it(qstash):
            publish = QStash(qstash.token).message.publish
            publish(url="https://shop.test", body="", headers={"X-Trace": "1"}, retries=1)
            with pytest.raises(QStashError, match="mean Upstash-Callback-Forward-X-Trace"):
                publish(url="https://shop.test", body="", callback="https://shop.test/done",
                        callback_headers={"X-Trace": "1"})
        """
    )

    project.inline_run().assertoutcome(passed=1)


def test_a_snapshot_has_the_notes(qstash: FakeQStash) -> None:
    before = qstash.snapshot()
    misspell(qstash)
    after = qstash.snapshot()

    counts: list[int] = []
    for snapshot in (before, after):
        qstash.restore(snapshot)
        counts.append(len(qstash.strictness.notes))
    with qstash.fork() as branch:
        send(branch, "GET", "/v2/queue")
        counts += [len(branch.strictness.notes), len(qstash.strictness.notes)]

    assert counts == [0, 1, 2, 1]
