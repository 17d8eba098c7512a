"""What tests do to a fake before they ask it: publishing, scheduling, failing to assert."""

from collections.abc import Callable
from typing import Final

import pytest

from fakestash import FakeQStash
from fakestash.model.messages import DEFAULT_RETRIES, PublishCommand, PublishRequest
from fakestash.model.outcomes import HeaderItems
from fakestash.model.settings import NO_EXTRAS, CronSettings, Extras
from fakestash.model.users import DEFAULT_USER
from fakestash.syntax.cron import parse

HOOK: Final = "https://shop.test/hook"


def publish(
    fake: FakeQStash,
    url: str = HOOK,
    *,
    body: bytes = b"",
    method: str = "POST",
    headers: HeaderItems = (),
    retries: int = DEFAULT_RETRIES,
    delay: int = 0,
    labels: tuple[str, ...] = (),
    extras: Extras = NO_EXTRAS,
    user: str = DEFAULT_USER.id,
) -> str:
    """Publish a message that is due after ``delay`` ms; its id is returned."""
    command = PublishCommand(
        url, body, method, headers, retries, delay=delay, labels=labels, extras=extras
    )
    return fake.engine.publish(user, command).id


def schedule(
    fake: FakeQStash,
    destination: str = HOOK,
    cron: str = "0 9 * * *",
    *,
    name: str = "morning",
    group: str | None = None,
    body: bytes = b"",
    extras: Extras = NO_EXTRAS,
) -> str:
    """Make a schedule for a URL, or for a URL group if one is named; its id is returned."""
    command = PublishCommand("" if group else destination, body, extras=extras)
    request = PublishRequest(command, group=group, cron=CronSettings(parse(cron), name))
    return fake.engine.schedules.create(DEFAULT_USER.id, request)


def failure(call: Callable[[], object]) -> str:
    """The text of the assertion that fails in ``call``."""
    with pytest.raises(AssertionError) as raised:
        call()
    return str(raised.value)


def before_the_story(text: str) -> str:
    """A failure's text up to where it tells what happened."""
    return text.partition("\nWhat happened")[0]
