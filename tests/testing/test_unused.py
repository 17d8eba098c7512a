"""What was scripted and never used: who counts, and what is told."""

from fakestash import FakeQStash, ScriptedDestination
from fakestash.model.users import DEFAULT_USER
from fakestash.testing.scene import Scene
from fakestash.testing.unused import is_unused, unused_lines
from tests.testing.acts import HOOK, publish


def told(fake: FakeQStash, destination: ScriptedDestination) -> str:
    """What is told of an unused destination."""
    scene = Scene(fake.engine, fake._courier, DEFAULT_USER.id, fake._start)  # noqa: SLF001
    return "\n".join(unused_lines(destination, scene))


def test_answers_are_counted_down_to_the_last_one_which_repeats() -> None:
    fake = FakeQStash()
    hook = fake.destination(HOOK)
    left = [hook.answers_left]
    hook.responds(500, 500, 200)
    for _ in range(4):
        left.append(hook.answers_left)
        publish(fake, retries=0)
        fake.advance(0)

    assert (left, hook.answers_left, hook.received) == ([0, 3, 2, 1, 0], 0, 4)
    assert hook.responds(200).answers_left == 1


def test_a_destination_is_used_once_all_its_answers_were_given() -> None:
    fake = FakeQStash()
    hook = fake.destination(HOOK)
    used = [is_unused(hook)]
    hook.responds(500, 200)
    for _ in range(2):
        publish(fake, retries=0)
        fake.advance(0)
        used.append(is_unused(hook))

    assert used == [True, True, False]


def test_nothing_was_sent_at_all() -> None:
    fake = FakeQStash()

    assert told(fake, fake.destination(HOOK)) == f"{HOOK} was scripted and never used"


def test_a_slip_in_the_url_is_told_with_what_came_closest() -> None:
    fake = FakeQStash()
    fake.destination(HOOK)
    slip = fake.destination("https://shop.test/hok")
    publish(fake)
    fake.advance(0)
    publish(fake, delay=5_000)

    assert (
        told(fake, slip)
        == f"""\
https://shop.test/hok was scripted and never used
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)
      url: expected https://shop.test/hok, was {HOOK}
  #2 POST {HOOK}: attempt 1 due in 5 s at 00:00:05
      url: expected https://shop.test/hok, was {HOOK}"""
    )


def test_what_went_somewhere_else_altogether_is_no_slip() -> None:
    fake = FakeQStash()
    fake.destination("https://shop.test")
    fake.destination("https://mail.test")
    unused = [fake.destination("https://post.test"), fake.destination("https://post.test/hook")]
    publish(fake)
    publish(fake, "https://mail.test")
    fake.advance(0)

    assert told(fake, unused[0]) == "https://post.test was scripted and never used"
    assert (
        told(fake, unused[1])
        == f"""\
https://post.test/hook was scripted and never used
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)
      url: expected https://post.test/hook, was {HOOK}"""
    )


def test_what_is_merely_later_is_told_with_the_way_there() -> None:
    fake = FakeQStash()
    hook = fake.destination(HOOK)
    publish(fake, delay=5_000)

    assert (
        told(fake, hook)
        == f"""\
{HOOK} was scripted and never used
Not yet:
  #1 POST {HOOK}: it is due in 5 s at 00:00:05
  advance time: qstash.advance("5 s")"""
    )


def test_deliveries_that_a_narrower_destination_took_are_told() -> None:
    fake = FakeQStash()
    shop = fake.destination("https://shop.test")
    fake.destination(HOOK)
    publish(fake)
    publish(fake, delay=5_000)
    fake.advance(0)

    assert (
        told(fake, shop)
        == f"""\
https://shop.test was scripted and never used
Delivered to a destination that is narrower, or was set later:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)"""
    )


def test_answers_that_were_never_given_are_counted() -> None:
    fake = FakeQStash()
    hook = fake.destination(HOOK).responds(200, 500, 200)
    publish(fake)
    fake.advance(0)
    first = told(fake, hook)
    publish(fake)
    fake.advance(0)

    assert (
        first
        == f"""\
2 answers of {HOOK} were never given
Answered:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)"""
    )
    assert (
        told(fake, hook)
        == f"""\
1 answer of {HOOK} was never given
Not yet:
  #2 POST {HOOK}: one of four attempts has happened; the second is due in 12 s at 00:00:12
  advance time: qstash.advance("12 s")
Answered:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)
  #2 POST {HOOK}: attempt 1 at 00:00:00 (HTTP status 500)"""
    )
