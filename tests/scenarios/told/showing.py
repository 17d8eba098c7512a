"""What is shown, what is hidden, and other ways to say a publish."""

import hashlib
from typing import Final

from tests.scenarios.shape import Delivered, Letter, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, publish

_ON_THE_WIRE: Final = "it is a matter of the wire"
_ALWAYS_PREFIXED: Final = "the client sends no header of its user's without a prefix"


def _hidden(text: str) -> str:
    return f"REDACTED:{hashlib.sha256(text.encode()).hexdigest()}"


_SHOWN: Final = {
    "headers.X-Secret": [_hidden("token")],
    "headers.X-Open": ["open"],
}

SCENARIOS: Final = (
    Scenario(
        "log-by-label",
        steps=(
            publish("red", body="1", labels=["red"]),
            publish("both", OTHER, body="2", labels=["blue", "red"]),
            publish("none", body="3"),
            advance(MINUTE),
            Step(
                "log",
                {"label": "red", "state": "DELIVERED"},
                shows=("message", "at"),
                gives=[{"message": "red", "at": 0}, {"message": "both", "at": 0}],
            ),
            Step(
                "log",
                {"label": "blue"},
                shows=("message", "state"),
                gives=[
                    {"message": "both", "state": "CREATED"},
                    {"message": "both", "state": "ACTIVE"},
                    {"message": "both", "state": "DELIVERED"},
                ],
            ),
            Step("log", {"label": "blue", "url": HOOK}, shows=("message",), gives=[]),
        ),
        log="""
            0 red CREATED
            0 both CREATED
            0 none CREATED
            0 red ACTIVE DELIVERED
            0 both ACTIVE DELIVERED
            0 none ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "red", HOOK, "1"),
            Delivered(0, "both", OTHER, "2"),
            Delivered(0, "none", HOOK, "3"),
        ),
    ),
    Scenario(
        "hidden-where-it-is-shown-and-delivered-in-plain",
        steps=(
            answers(HOOK, {"status": 500, "body": "down"}),
            publish(
                "order",
                body="secret",
                headers={"X-Secret": "token", "X-Open": "open"},
                redact={"body": True, "headers": ["X-Secret"]},
                delay=60,
                retries=0,
            ),
            Step(
                "message",
                {"of": "order"},
                shows=("body", *_SHOWN),
                gives={"body": _hidden("secret"), **_SHOWN},
            ),
            advance(2 * MINUTE),
            Step(
                "log",
                {"state": "FAILED"},
                shows=("body", *_SHOWN),
                gives=[{"body": _hidden("secret"), **_SHOWN}],
            ),
            Step(
                "letters",
                shows=("message_body", *_SHOWN),
                gives=[{"message_body": _hidden("secret"), **_SHOWN}],
            ),
        ),
        log="""
            0 order CREATED
            60000 order ACTIVE ERROR FAILED
        """,
        deliveries=(
            Delivered(
                60_000, "order", HOOK, "secret", headers={"X-Secret": "token", "X-Open": "open"}
            ),
        ),
        letters=(Letter(60_000, "order", 500, "down"),),
        headers=("X-Secret", "X-Open"),
        unsaid={"engine": "what is hidden is hidden on the wire"},
    ),
    Scenario(
        "headers-forwarded-as-they-are",
        steps=(
            publish(
                "all",
                body="1",
                header_forward=True,
                plain_headers={"X-Plain": "plain", "Accept-Encoding": "br"},
                headers={"X-Named": "named"},
            ),
            publish("named", body="2", plain_headers={"X-Plain": "plain"}),
            advance(MINUTE),
        ),
        log="""
            0 all CREATED
            0 named CREATED
            0 all ACTIVE DELIVERED
            0 named ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(
                0,
                "all",
                HOOK,
                "1",
                headers={"X-Plain": "plain", "X-Named": "named", "Accept-Encoding": "gzip"},
            ),
            Delivered(0, "named", HOOK, "2", headers={"Accept-Encoding": "gzip"}),
        ),
        headers=("X-Plain", "X-Named", "Accept-Encoding", "Authorization"),
        unsaid={
            "engine": _ON_THE_WIRE,
            "python": _ALWAYS_PREFIXED,
            "python-async": _ALWAYS_PREFIXED,
            "npm": _ALWAYS_PREFIXED,
        },
    ),
    Scenario(
        "settings-in-the-query",
        steps=(
            answers(f"{HOOK}?page=2&sort=a%20b", 500, 200),
            publish(
                "order",
                body="1",
                query={
                    "page": "2",
                    "upstash-delay": "60s",
                    "upstash-retries": "0",
                    "Upstash-Forward-X-Trace": "q",
                    "sort": "a%20b",
                    "upstash-label": "red",
                },
                retries=2,
            ),
            Step(
                "message",
                {"of": "order"},
                shows=("url", "retries", "label"),
                gives={"url": f"{HOOK}?page=2&sort=a%20b", "retries": 2, "label": "red"},
            ),
            advance(2 * MINUTE),
        ),
        log="""
            0 order CREATED
            60000 order ACTIVE ERROR RETRY
            72000 order ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(60_000, "order", f"{HOOK}?page=2&sort=a%20b", "1", headers={"X-Trace": "q"}),
            Delivered(
                72_000, "order", f"{HOOK}?page=2&sort=a%20b", "1", 1, headers={"X-Trace": "q"}
            ),
        ),
        headers=("X-Trace",),
        unsaid={"engine": _ON_THE_WIRE},
    ),
)
