"""Uses of the engine, drawn at random: few names and few instants, so that much of it meets."""

from typing import Final

from hypothesis import strategies as st

from fakestash.model.queries import Pin
from fakestash.model.settings import FlowControl
from tests.engine.any_use.arranging import (
    CRONS,
    AddEndpoints,
    Advance,
    DeleteQueue,
    DeleteSchedule,
    During,
    MakeSchedule,
    Next,
    PauseKey,
    PauseQueue,
    PauseSchedule,
    PinKey,
    RemoveEndpoint,
    ResetKey,
    RotateKeys,
    SetQueue,
    UnpinKey,
)
from tests.engine.any_use.play import ANSWERS, Step
from tests.engine.any_use.sending import (
    Ask,
    Cancel,
    CancelAll,
    DropLetters,
    RetryLetters,
    Send,
    SendAll,
    SendPlainly,
    as_it_was,
    without_retries,
)

QUEUES: Final = st.sampled_from(["orders", "orders", "mails"])
KEYS: Final = st.sampled_from(["tenant", "tenant", "other"])
GROUP: Final = "all"
DESTINATIONS: Final = st.sampled_from(sorted(ANSWERS))
BACK: Final = st.integers(0, 6)
SCHEDULES: Final = st.sampled_from(["hourly", "often"])

_PERIODS: Final = st.sampled_from([1, 1, 2, 60])
_LIMITS: Final = ((1, None), (2, None), (None, 1), (None, 2), (1, 1), (2, 1), (1, 2))


def _control(key: str, limits: tuple[int | None, int | None], period: int) -> FlowControl:
    return FlowControl(key, *limits, period)


CONTROLS: Final = st.builds(_control, KEYS, st.sampled_from(_LIMITS), _PERIODS)
PINS: Final = st.builds(
    Pin,
    parallelism=st.sampled_from([None, 1, 2]),
    rate=st.sampled_from([None, 1, 2]),
    period=_PERIODS,
)


def _asks(
    group: st.SearchStrategy[str | None], queue: st.SearchStrategy[str | None]
) -> st.SearchStrategy[Ask]:
    return st.builds(
        Ask,
        to=DESTINATIONS,
        retries=st.sampled_from([0, 0, 1, 2, 3]),
        delay=st.sampled_from([0, 0, 0, 0, 500, 1_000, 12_000]),
        timeout=st.sampled_from([None, 1_000, 1_000, 2_000]),
        step=st.sampled_from([None, 0, 500, 1_000]),
        queue=queue,
        control=st.none() | CONTROLS,
        callback=st.none() | DESTINATIONS,
        failure_callback=st.none() | DESTINATIONS,
        report_control=st.none() | st.none() | CONTROLS,
        group=group,
    )


_URLS: Final = _asks(st.none(), st.none() | QUEUES)
_ENQUEUES: Final = _asks(st.none(), QUEUES)
_GROUPS: Final = _asks(st.just(GROUP), st.none() | QUEUES)
_DUPLICATES: Final = st.builds(
    Ask,
    to=st.sampled_from(["ok", "slow"]),
    queue=st.none() | QUEUES,
    control=st.none() | CONTROLS,
    group=st.none() | st.just(GROUP),
    deduplication_id=st.sampled_from([None, "once"]),
    by_content=st.just(True),
)
ASKS: Final = st.one_of(_URLS, _ENQUEUES, _ENQUEUES, _GROUPS, _DUPLICATES)

SENDS: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(Send, ASKS),
    st.builds(Send, _ENQUEUES),
    st.builds(SendPlainly, _URLS),
    st.builds(SendAll, st.lists(ASKS, max_size=4).map(tuple)),
)
_CANCELS: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(Cancel, BACK),
    st.builds(CancelAll, st.none() | QUEUES, st.none() | KEYS, st.sampled_from([None, 1, 2])),
)
_QUEUES: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(SetQueue, QUEUES, st.integers(1, 3), st.sampled_from([False, False, True])),
    st.builds(PauseQueue, QUEUES, st.booleans()),
    st.builds(DeleteQueue, QUEUES),
)
_KEYS: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(PauseKey, KEYS, st.booleans()),
    st.builds(PinKey, KEYS, PINS),
    st.builds(UnpinKey, KEYS, st.booleans(), st.booleans()),
    st.builds(ResetKey, KEYS, st.booleans()),
)
_LETTERS: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(
        RetryLetters,
        st.sampled_from([None, 1, 3]),
        BACK,
        st.sampled_from([as_it_was, without_retries]),
    ),
    st.builds(DropLetters, st.sampled_from([None, 1, 3]), BACK),
)
_GROUP_STEPS: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(AddEndpoints, st.just(GROUP), st.lists(DESTINATIONS, min_size=1).map(tuple)),
    st.builds(RemoveEndpoint, st.just(GROUP), st.none() | DESTINATIONS),
)
_SCHEDULES: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(
        MakeSchedule,
        SCHEDULES,
        st.sampled_from(sorted(CRONS)),
        st.one_of(_URLS, _GROUPS),
    ),
    st.builds(PauseSchedule, SCHEDULES, st.booleans()),
    st.builds(DeleteSchedule, SCHEDULES),
)
CALLS: Final[st.SearchStrategy[Step]] = st.one_of(
    SENDS,
    SENDS,
    SENDS,
    SENDS,
    _CANCELS,
    _QUEUES,
    _KEYS,
    st.one_of(_LETTERS, _GROUP_STEPS, _SCHEDULES, st.builds(RotateKeys)),
)
MOVES: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(
        Advance,
        st.sampled_from([0, 1, 500, 1_000, 1_000, 1_500, 12_000, 60_000, 1_200_000, 7_200_000]),
    ),
    st.builds(Next),
)
STEPS: Final[st.SearchStrategy[Step]] = st.one_of(
    CALLS, CALLS, CALLS, CALLS, MOVES, MOVES, st.builds(During, CALLS)
)


def uses(most: int) -> st.SearchStrategy[list[Step]]:
    """Uses of any length up to ``most``, all equally likely: plain lists are nearly all short."""
    return st.integers(1, most).flatmap(lambda n: st.lists(STEPS, min_size=n, max_size=n))
