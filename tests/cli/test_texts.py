"""What the development server says at its start and at its end."""

import pytest

from fakestash.dev.listening import url_of
from fakestash.dev.texts import defect_text, farewell, ready_text
from fakestash.drive.modes import BY_HAND, IN_JUMPS, REAL_TIME, Mode, Pace
from fakestash.errors import InternalError
from tests.builders import BROKEN, DAY, HOUR, MINUTE, OK, Stage

URL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("pace", "line"),
    [
        (Pace(Mode.RATE, 60), "Its clock runs 60 times as fast as this machine's."),
        (Pace(Mode.RATE, 0.5), "Its clock runs 0.5 times as fast as this machine's."),
        (
            BY_HAND,
            f"Its clock stands still until it is moved: POST {URL}/_fakestash/clock/advance",
        ),
        (IN_JUMPS, "Its clock jumps to what is due next when every delivery has come back."),
    ],
)
def test_an_unusual_clock_is_told_in_one_line(pace: Pace, line: str) -> None:
    usual, unusual = (ready_text(URL, each).splitlines() for each in (REAL_TIME, pace))

    assert [told for told in unusual if told not in usual] == [line]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("localhost", "http://localhost:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104 - nothing is bound to it
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
    ],
)
def test_the_url_is_one_that_clients_on_this_machine_can_use(host: str, url: str) -> None:
    assert url_of(host, 8080) == url


def test_the_farewell_of_a_server_that_did_nothing() -> None:
    assert farewell(Stage().engine) == (
        "stopped: 0 messages were pending, 0 in the dead letter queue"
    )


def test_the_farewell_tells_what_is_left_of_all_users() -> None:
    stage = Stage(BROKEN)
    stage.publish(retries=0)
    stage.publish(retries=0, user="testUser1")
    stage.publish(delay=HOUR, user="testUser2")
    stage.publish(delay=DAY)
    stage.advance(MINUTE)

    assert farewell(stage.engine) == (
        "stopped: 2 messages were pending (next due in 59 m), 2 in the dead letter queue"
    )


def test_the_farewell_counts_what_is_left_in_all_worlds() -> None:
    first, second = Stage(BROKEN), Stage(OK)
    first.publish(retries=0)
    first.advance(HOUR)
    first.publish(delay=HOUR)
    second.publish(delay=MINUTE)

    assert farewell(first.engine, second.engine) == (
        "stopped: 2 messages were pending (next due in 1 m), 1 in the dead letter queue"
    )


def test_a_message_that_is_being_cancelled_is_not_pending() -> None:
    stage = Stage(OK)
    stage.cancel(stage.publish(delay=HOUR))

    assert farewell(stage.engine) == (
        "stopped: 0 messages were pending, 0 in the dead letter queue"
    )


def test_a_delivery_under_way_is_cut_off() -> None:
    stage = Stage(OK)
    stage.publish()
    stage.publish(delay=1500)
    stage.engine.claim(stage.engine.clock.now())

    assert farewell(stage.engine) == (
        "stopped: 2 messages were pending (1 cut off in delivery, next due in 2 s), "
        "0 in the dead letter queue"
    )


@pytest.mark.parametrize(("delay", "due"), [(0, "now"), (1, "in 1 ms"), (999, "in 999 ms")])
def test_what_is_due_within_a_second_is_told_exactly(delay: int, due: str) -> None:
    stage = Stage(OK)
    stage.publish(delay=delay)

    assert farewell(stage.engine) == (
        f"stopped: 1 message was pending (next due {due}), 0 in the dead letter queue"
    )


def test_a_defect_is_told_in_one_line() -> None:
    assert defect_text(InternalError("two\n lines")) == (
        "defect in fakestash, please report it: InternalError: two lines"
    )
