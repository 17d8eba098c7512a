"""Words that many scenarios share."""

from typing import Final

from tests.scenarios.shape import Args, Json, Step

HOOK: Final = "https://shop.test/hook"
OTHER: Final = "https://shop.test/other"

MINUTE: Final = 60_000


def advance(ms: int) -> Step:
    """Let time pass."""
    return Step("advance", {"ms": ms})


def answers(url: str, *given: int | Args) -> Step:
    """Have the destination at ``url`` answer so from now on; the last answer repeats."""
    return Step("script", {"url": url, "answers": list(given)})


def publish(name: str, url: str = HOOK, **settings: Json) -> Step:
    """Publish to a URL."""
    return Step("publish", {"url": url, **settings}, (name,))


def enqueue(name: str, queue: str, url: str = HOOK, **settings: Json) -> Step:
    """Enqueue to a URL."""
    return Step("enqueue", {"queue": queue, "url": url, **settings}, (name,))


def slow(seconds: int, status: int = 200) -> Args:
    """An answer that takes its time."""
    return {"status": status, "took": seconds}
