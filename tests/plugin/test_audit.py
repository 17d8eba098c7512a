"""The audit at a test's end: off unless asked for, a warning, or a failure with the text."""

import httpx
import pytest

from fakestash import FakeQStash, Findings, StrayDestinationError
from tests.plugin.reports import crash

PUBLISH = """
import httpx, pytest

def publish(fake, url, **headers):
    client = httpx.Client(transport=fake.transport, base_url=fake.url)
    client.post(f"/v2/publish/{url}", headers={"Authorization": f"Bearer {fake.token}", **headers})
"""

LEAVES_ONE = (
    PUBLISH
    + """
def test_it(qstash):
    qstash.destination("https://shop.test/hook")
    publish(qstash, "https://shop.test/hook", **{"Upstash-Delay": "12s"})
"""
)

TEXT = """\
1 thing was left behind:
undelivered: #1 POST https://shop.test/hook: it is due in 12 s at 00:00:12
    add: qstash.advance("12 s")
(without this audit: @pytest.mark.qstash(audit="off"))"""


def publish(fake: FakeQStash, url: str, **headers: str) -> None:
    with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
        token = {"Authorization": f"Bearer {fake.token}"}
        client.post(f"/v2/publish/{url}", headers={**token, **headers})


def with_ini(project: pytest.Pytester, line: str) -> None:
    with (project.path / "tox.ini").open("a") as settings:
        settings.write(f"\n{line}\n")


def test_it_is_off_unless_asked_for(project: pytest.Pytester) -> None:
    project.makepyfile(LEAVES_ONE)

    project.inline_run().assertoutcome(passed=1)


def test_an_error_fails_the_test_at_its_end(project: pytest.Pytester) -> None:
    with_ini(project, "fakestash_audit = error")
    project.makepyfile(LEAVES_ONE)

    (report,) = project.inline_run().getfailures()

    assert (report.when, report.longreprtext) == ("teardown", TEXT)


def test_a_warning_is_one_of_its_own_class(project: pytest.Pytester) -> None:
    with_ini(project, "fakestash_audit = warn")
    project.makepyfile(LEAVES_ONE)

    result = project.runpytest_inprocess("-W", "default::fakestash.AuditWarning")

    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*AuditWarning: 1 thing was left behind:"])


def test_the_marker_wins_over_the_option(project: pytest.Pytester) -> None:
    with_ini(project, "fakestash_audit = error")
    project.makepyfile(LEAVES_ONE.replace("def test", '@pytest.mark.qstash(audit="off")\ndef test'))

    project.inline_run().assertoutcome(passed=1)


def test_a_test_that_failed_is_not_audited(project: pytest.Pytester) -> None:
    with_ini(project, "fakestash_audit = error")
    project.makepyfile(LEAVES_ONE + "    raise LookupError('no tea')\n")

    (report,) = project.inline_run().getfailures()

    assert (report.when, crash(report)) == ("call", "LookupError: no tea")


def test_another_value_is_refused(project: pytest.Pytester) -> None:
    with_ini(project, "fakestash_audit = on")
    project.makepyfile("def test_it(qstash): pass")

    (report,) = project.inline_run().getfailures()

    assert report.longreprtext == (
        "the fixture qstash cannot be set up: audit must be one of off, warn, error, got 'on'"
    )


# --- what is found -------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_was_left(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook")
    publish(qstash, "https://shop.test/hook")
    qstash.advance(0)

    assert qstash.audit() == Findings()
    assert str(qstash.audit()) == "nothing was left behind"


def test_everything_is_told_with_the_line_to_change(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook").responds(500)
    qstash.destination("https://pay.test/charge")
    publish(qstash, "https://shop.test/hook", **{"Upstash-Retries": "0"})
    qstash.advance(0)
    publish(qstash, "https://shop.test/hook")
    publish(qstash, "https://other.test/a", **{"Upstash-Delay": "1h"})

    assert str(qstash.audit()) == (
        """\
5 things were left behind:
undelivered: #2 POST https://shop.test/hook: it is due now
    add: qstash.advance(0)
undelivered: #3 POST https://other.test/a: it is due in 1 h at 01:00:00
    add: qstash.advance("1 h")
dead letter: #1 POST https://shop.test/hook: HTTP status 500 at 00:00:00, and nobody looked
    if that is meant, add: qstash.assert_dead_lettered("https://shop.test/hook")
stray: nothing serves https://other.test/a, the destination of #3
    add: qstash.destination("https://other.test/a").responds(200)
unused: https://pay.test/charge was scripted and never used
    remove or correct: qstash.destination("https://pay.test/charge")"""
    )


@pytest.mark.parametrize("look", ["property", "assertion", "api"])
def test_a_dead_letter_that_was_looked_at_is_expected(qstash: FakeQStash, look: str) -> None:
    qstash.destination("https://shop.test/hook").responds(500)
    publish(qstash, "https://shop.test/hook", **{"Upstash-Retries": "0"})
    qstash.advance(0)
    before = len(qstash.audit())

    if look == "property":
        assert len(qstash.dead_letters) == 1
    elif look == "assertion":
        qstash.assert_dead_lettered("https://shop.test/hook")
    else:
        with httpx.Client(transport=qstash.transport, base_url=qstash.url) as client:
            client.get("/v2/dlq", headers={"Authorization": f"Bearer {qstash.token}"})

    assert (before, len(qstash.audit())) == (1, 0)


def test_a_dead_letter_after_the_last_look_is_not_expected(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook").responds(500)
    assert len(qstash.dead_letters) == 0
    publish(qstash, "https://shop.test/hook", **{"Upstash-Retries": "0"})
    qstash.advance(0)

    assert [str(finding.kind) for finding in qstash.audit()] == ["dead letter"]


def test_a_stray_that_was_swallowed_is_found(qstash: FakeQStash) -> None:
    publish(qstash, "https://other.test/a", **{"Upstash-Retries": "0"})
    with pytest.raises(StrayDestinationError):
        qstash.advance(0)

    assert "stray" in [str(finding.kind) for finding in qstash.audit()]


def test_a_script_that_was_not_played_to_its_end_is_found(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook").responds(200, 503)
    publish(qstash, "https://shop.test/hook")
    before = len(qstash.audit())
    qstash.advance(0)

    assert before == 1  # that it is not delivered yet
    assert str(qstash.audit()) == (
        """\
1 thing was left behind:
unused: 1 answer of https://shop.test/hook was never given
    Answered:
      #1 POST https://shop.test/hook: attempt 1 at 00:00:00 (200)
    remove the answers that are left of: qstash.destination("https://shop.test/hook")"""
    )


def test_a_schedule_is_nothing_left_behind(qstash: FakeQStash) -> None:
    with httpx.Client(transport=qstash.transport, base_url=qstash.url) as client:
        answer = client.post(
            "/v2/schedules/https://shop.test/hook",
            headers={"Authorization": f"Bearer {qstash.token}", "Upstash-Cron": "* * * * *"},
        )

    assert (answer.status_code, list(qstash.audit())) == (200, [])


def test_faults_of_the_api_that_struck_less_than_they_were_set_for_are_found(
    qstash: FakeQStash,
) -> None:
    qstash.destination("https://shop.test")
    with qstash.faults.add("burst", route="dlq"):
        publish(qstash, "https://shop.test/hook")
    qstash.faults.add("error", destination="https://shop.test", every=2, times=2)
    qstash.faults.add("slow", took="1s", route="publish", after=9)
    for _ in range(4):
        publish(qstash, "https://shop.test/hook")
    qstash.advance(0)

    assert str(qstash.audit()) == (
        """\
2 things were left behind:
unused: a fault of the API struck no call
    remove or correct: qstash.faults.add('burst', route='dlq')
unused: a fault of the API struck no call, of 4 that it was for
    remove or correct: qstash.faults.add('slow', after=9, route='publish', took=1.0, \
takes_effect=True)"""
    )
    assert [finding.url for finding in qstash.audit()] == ["", ""]


def test_a_fault_that_was_to_strike_more_often_is_found(qstash: FakeQStash) -> None:
    qstash.faults.add("error", destination="https://shop.test", times=3)
    publish(qstash, "https://shop.test/hook")

    (finding,) = qstash.audit()

    assert (finding.url, finding.what) == (
        "https://shop.test",
        "a fault of the API struck 1 call of the 3 that it was set for",
    )


def test_a_fault_that_strikes_by_chance_is_used_once_it_might_have_struck(
    qstash: FakeQStash,
) -> None:
    qstash.faults.add("error", probability=1e-9)
    before = len(qstash.audit())
    qstash.destination("https://shop.test")
    publish(qstash, "https://shop.test/hook")
    qstash.advance(0)

    assert (before, len(qstash.audit())) == (1, 0)


def test_a_fault_that_was_removed_is_nothing_left_behind(qstash: FakeQStash) -> None:
    qstash.faults.add("error").remove()

    assert qstash.audit() == []


def test_a_rule_that_answered_nothing_is_told_with_what_came_closest(qstash: FakeQStash) -> None:
    hook = qstash.destination("https://shop.test/hook")
    hook.when(json={"id": 7}).responds(503)
    hook.when(method="POST", after=5).responds(503)
    hook.when(times=2).responds(200)
    hook.when(json={"id": 8}, probability=0.5).responds(503)
    publish(qstash, "https://shop.test/hook")
    qstash.advance(0)

    assert str(qstash.audit()) == (
        """\
4 things were left behind:
unused: when(json={'id': 7}) of https://shop.test/hook answered no delivery
    Closest first:
      #1 POST https://shop.test/hook: attempt 1 at 00:00:00 (200)
          json: expected {'id': 7}, was no JSON: b''
    remove or correct: qstash.destination("https://shop.test/hook").when(json={'id': 7})
unused: when(method='POST', after=5) of https://shop.test/hook answered no delivery
    remove or correct: qstash.destination("https://shop.test/hook").when(method='POST', after=5)
unused: when(times=2) of https://shop.test/hook answered 1 delivery, and was made for more
    remove or correct: qstash.destination("https://shop.test/hook").when(times=2)
unused: when(json={'id': 8}, probability=0.5) of https://shop.test/hook answered no delivery
    Closest first:
      #1 POST https://shop.test/hook: attempt 1 at 00:00:00 (200)
          json: expected {'id': 8}, was no JSON: b''
    remove or correct: qstash.destination("https://shop.test/hook")\
.when(json={'id': 8}, probability=0.5)"""
    )


def test_of_a_rule_that_was_met_and_did_not_answer_it_is_said_how_often(
    qstash: FakeQStash,
) -> None:
    qstash.destination("https://shop.test").when(method="POST", after=5).responds(503)
    for _ in range(2):
        publish(qstash, "https://shop.test/hook")
    qstash.advance(0)

    (finding,) = qstash.audit()

    assert finding.what == (
        "when(method='POST', after=5) of https://shop.test answered no delivery, of 2 that met it"
    )
