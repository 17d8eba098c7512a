"""How the users of fakestash test a fan-out: readers are scripted, callbacks reach the real app."""

import os

import pytest
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from fakestash import FakeQStash, Fault
from tests.examples.django_newsletter import newsletter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.examples.django_newsletter.settings")

ANN = "https://ann.test/inbox"
BOB = "https://bob.test/inbox"

pytestmark = pytest.mark.qstash(audit="error")


@pytest.fixture(autouse=True)
def published(qstash: FakeQStash) -> None:
    newsletter.received.clear()
    newsletter.bounced.clear()
    newsletter.subscribe(ANN)
    newsletter.subscribe(BOB)
    qstash.mount("https://news.test", get_wsgi_application())
    qstash.destination(ANN).responds(200)


def test_every_reader_gets_every_issue_and_the_newsletter_knows(qstash: FakeQStash) -> None:
    qstash.destination(BOB).responds(503, 200)  # at the second attempt, then at the first

    for number in (1, 2):
        newsletter.publish(number, "hello")
        qstash.run_until_idle()

    qstash.assert_delivered(ANN, times=2, json={"text": "hello"})
    qstash.assert_delivered(BOB, times=2, json={"number": 1})
    assert newsletter.received == {ANN: 2, BOB: 2}


def test_who_bounces_twice_is_not_written_to_any_more(qstash: FakeQStash) -> None:
    qstash.destination(BOB).responds(Fault.REFUSED)

    for number in (1, 2, 3):
        newsletter.publish(number, "hello")
        qstash.run_until_idle()

    qstash.assert_dead_lettered(BOB, times=2, status=0)
    qstash.assert_published(BOB, times=2)
    qstash.assert_delivered(ANN, times=3)


def test_callbacks_reach_it_over_asgi_as_well(qstash: FakeQStash) -> None:
    qstash.mount("https://news.test", get_asgi_application())
    qstash.destination(BOB).responds(200)

    newsletter.publish(1, "hello")
    qstash.advance(0)

    assert newsletter.received == {ANN: 1, BOB: 1}


def test_nobody_but_qstash_can_report_a_bounce(
    qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QSTASH_CURRENT_SIGNING_KEY", "somebody else's")
    monkeypatch.setenv("QSTASH_NEXT_SIGNING_KEY", "somebody else's")
    qstash.destination(BOB).responds(404)

    newsletter.publish(1, "hello")
    qstash.run_until_idle()

    qstash.assert_delivered("https://news.test/bounced", json={"url": BOB, "status": 404})
    qstash.assert_dead_lettered("https://news.test", status=403)
    assert newsletter.bounced == {}
