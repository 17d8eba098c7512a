"""What version 1 tells otherwise than version 2, as documented or decided: every difference.

All else has to be the same: deliveries and logs to the millisecond, answers and dead letters. How
often version 1 retries where nothing is said of it does not show: its face always says it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from tests.scenarios.faces.v1 import NOT_TOLD, UNTOLD
from tests.scenarios.shape import Delivered, Json, Logged, Scenario, Step, Story, lines
from tests.scenarios.told.words import HOOK, OTHER

_ID: Final = "Upstash-Message-Id"
_RETRIES: Final = frozenset({"retry_letter", "retry_letters"})
_CALLBACKS: Final = ("callback ", "failure ")

STATES: Final[Mapping[str, str]] = {
    "CREATED": "created",
    "ACTIVE": "active",
    "RETRY": "planned",
    "ERROR": "error",
    "DELIVERED": "delivered",
    "FAILED": "failed",
    "CANCEL_REQUESTED": "canceled",
    "CANCELED": "canceled",
}
"""What the states of the log are called."""

ONE_PUBLICATION: Final[Mapping[str, Mapping[str, str]]] = {
    "group-with-one-endpoint-that-fails": {"other": "main"},
    "group-changes-do-not-touch-messages": {"other 1": "main 1"},
    "group-enqueued": {"other": "main"},
    "schedule-to-a-group": {"other 1": "tick 1"},
}
"""What is published together with what: to a topic, as one publication, by the name of the first.

All deliveries and callbacks carry the id of the publication, also where it is one message alone.
"""


class Otherwise(NamedTuple):
    """What comes of a scenario by version 1.

    ``answers`` are by their place; without ``log`` what happens is the same.
    """

    why: str
    answers: Mapping[int, Json]
    log: str | None = None
    deliveries: tuple[Delivered, ...] = ()


OTHERWISE: Final[Mapping[str, Otherwise]] = {
    "duplicates-end-with-their-window": Otherwise(
        "the window is 90 days",
        answers={2: ["first again"], 3: ["first again"]},
        log="0 first CREATED ACTIVE DELIVERED",
        deliveries=(Delivered(0, "first", HOOK, "1"),),
    ),
    "duplicates-by-endpoint": Otherwise(
        "a message is made or not as a whole, whatever its topic holds",
        answers={3: ["hook again"], 4: ["hook again"]},
        log="0 hook CREATED ACTIVE DELIVERED",
        deliveries=(Delivered(0, "hook", HOOK, "1"),),
    ),
    "duplicates-by-content": Otherwise(
        "every header of the service is part of the content, a label too",
        answers={1: ["hook 1"]},
        log="""
            0 order CREATED
            0 "hook 1" CREATED
            0 body CREATED
            0 header CREATED
            0 url CREATED
            0 unasked CREATED
            0 order ACTIVE DELIVERED
            0 "hook 1" ACTIVE DELIVERED
            0 body ACTIVE DELIVERED
            0 header ACTIVE DELIVERED
            0 url ACTIVE DELIVERED
            0 unasked ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "1"),
            Delivered(0, "hook 1", HOOK, "1"),
            Delivered(0, "body", HOOK, "2"),
            Delivered(0, "header", HOOK, "1"),
            Delivered(0, "url", OTHER, "1"),
            Delivered(0, "unasked", HOOK, "1"),
        ),
    ),
    "cancelled-while-waiting": Otherwise(
        "what is cancelled stays to be looked at",
        answers={
            2: "404 message publication of order not found",
            3: {
                "url": HOOK,
                "method": "POST",
                "body": "",
                "headers": {},
                "retries": 3,
                "group": None,
                "endpoint": NOT_TOLD,
                "queue": NOT_TOLD,
                "label": NOT_TOLD,
            },
        },
    ),
    "group-changes-do-not-touch-messages": Otherwise(
        "a topic may be empty, and so may be what is published to it",
        answers={6: []},
    ),
}
"""Where something else comes of a scenario, by its name."""


def retold(scenario: Scenario, story: Story) -> Story:
    """A story of version 2 as version 1 has to tell it."""
    otherwise = OTHERWISE.get(scenario.name)
    answers = [
        _told(step, answer) for step, answer in zip(scenario.calls, story.answers, strict=True)
    ]
    if otherwise is not None:
        for place, answer in otherwise.answers.items():
            answers[place] = answer
        if otherwise.log is not None:
            story = story._replace(log=lines(otherwise.log), deliveries=otherwise.deliveries)
    return story._replace(
        answers=tuple(answers),
        log=tuple(Logged(at, name, STATES[state]) for at, name, state in story.log),
        deliveries=tuple(_carried(scenario, one) for one in story.deliveries),
    )


def _told(step: Step, answer: Json) -> Json:
    """What a step answers, without what is not told of what it shows."""
    untold = UNTOLD.get(step.kind, frozenset())
    if not isinstance(answer, dict):
        return answer
    return {key: NOT_TOLD if key in untold else value for key, value in answer.items()}


def _carried(scenario: Scenario, delivered: Delivered) -> Delivered:
    """A delivery with the ids that it carries: those of publications."""
    body, headers = delivered.body, dict(delivered.headers)
    if not isinstance(body, str):
        body = {**body, "of": _publication(scenario, body["of"])}
    if _ID in headers:
        headers[_ID] = _publication(scenario, headers[_ID])
    message = _publication(scenario, delivered.message)
    return delivered._replace(message=message, body=body, headers=headers)


def _publication(scenario: Scenario, name: str) -> str:
    """What a message is part of: itself, if version 1 did not publish it."""
    retried = {one for step in scenario.calls if step.kind in _RETRIES for one in step.names}
    if name in retried or name.startswith(_CALLBACKS):
        return name
    return f"publication of {ONE_PUBLICATION.get(scenario.name, {}).get(name, name)}"
