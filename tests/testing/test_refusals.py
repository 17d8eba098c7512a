"""Why apps refused, where a story or a failure is told of it."""

from flask import Flask

from fakestash import FakeQStash
from tests.testing.acts import HOOK, failure, publish

UNSEEN = """\
the app answered 403; what it checked could not be seen
      as it was sent, the official receiver accepts it:
          key  'sig_7kYj...6r'
          url  'https://shop.test/hook'
          body of 0 bytes"""


def a_shop(qstash: FakeQStash) -> None:
    """An app that lets nobody in."""
    app = Flask("shop")
    app.post("/hook")(lambda: ("", 403))
    qstash.mount("https://shop.test", app)


def test_the_life_of_a_message_says_why_it_was_refused(qstash: FakeQStash) -> None:
    a_shop(qstash)
    message_id = publish(qstash, retries=1)
    qstash.advance(0)

    assert qstash.explain(message_id).splitlines()[6:8] == [
        "  +0 s            attempt 1 of 2 is answered 403",
        "  +0 s            why: the app answered 403; what it checked could not be seen",
    ]


def test_a_failure_says_it_of_the_messages_concerned_once_for_all_attempts(
    qstash: FakeQStash,
) -> None:
    a_shop(qstash)
    publish(qstash, retries=1)
    qstash.advance("12s")

    text = failure(lambda: qstash.assert_dead_lettered(HOOK, status=200))

    assert f"\nWhy it was refused:\n  #1 POST {HOOK}, attempt 1, 2: {UNSEEN}\nWhat" in text


def test_what_is_pending_because_it_was_refused_is_told_so(qstash: FakeQStash) -> None:
    a_shop(qstash)
    publish(qstash)
    qstash.advance(0)

    text = failure(qstash.assert_nothing_pending)

    assert f"\nWhy it was refused:\n  #1 POST {HOOK}, attempt 1: {UNSEEN}\nWhat" in text


def test_of_many_the_first_are_told(qstash: FakeQStash) -> None:
    a_shop(qstash)
    for _ in range(7):
        publish(qstash)
    qstash.advance("12s")

    text = failure(lambda: qstash.assert_delivered(HOOK, times=1))

    assert text.count("what it checked could not be seen") == 5
    assert "body of 0 bytes\n  ... and 2 more\nWhat happened to them" in text
