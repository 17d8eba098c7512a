"""A fake that runs and is announced: for unittest, scripts and notebooks.

It does what the pytest fixture does: it serves the fake over loopback HTTP and sets the
variables that official clients and receivers read.
"""

import os
from typing import Final, TypedDict, Unpack

from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.fake import FakeQStash
from fakestash.plans import Plan
from fakestash.syntax.disturbances import Disturbances
from fakestash.syntax.moments import InstantLike

__tracebackhide__ = shown_where_it_was_made

LEADS_ELSEWHERE: Final = ("QSTASH_DEV", "QSTASH_REGION")
"""Variables that have official clients look past ``QSTASH_URL``."""


class Settings(TypedDict, total=False):
    """How a fake is made; ``FakeQStash`` says what each means."""

    start: InstantLike
    seed: int
    region: str
    sign_with_virtual_time: bool
    plan: str | Plan
    llm_target: str | None
    strict_hosts: bool
    v1_json_deletions: bool
    strict: bool
    strict_api: bool
    chaos: str | Disturbances
    chaos_seed: int


class running:  # noqa: N801 - called like a function, as what contextlib has of this kind
    """A fake for the length of a block, over HTTP and in the environment.

    ``with running() as fake:``; where there is no block to write, ``start`` and ``stop`` do the
    same. Each use makes a fake of its own. Of several that run at once the one that was started
    last is in the environment; each puts back what it found, so they end in reverse order.

    Args:
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        environment: whether to set the variables. ``fake.environment`` has them in any case.
        settings: how the fake is made.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        environment: bool = True,
        **settings: Unpack[Settings],
    ) -> None:
        self._host = host
        self._port = port
        self._announces = environment
        self._settings = settings
        self._fake: FakeQStash | None = None
        self._before: dict[str, str | None] = {}

    def start(self) -> FakeQStash:
        """Make the fake, serve it, and set the variables.

        Raises:
            OSError: if the address cannot be listened on.
            UsageError: if it runs already, or a setting is wrong.
        """
        if self._fake is not None:
            raise UsageError(
                f"this fake runs already, at {self._fake.url}: for a second one call running() "
                "again"
            )
        fake = FakeQStash(**self._settings)
        fake.serve(host=self._host, port=self._port)
        self._fake = fake
        if self._announces:
            self._set({**dict.fromkeys(LEADS_ELSEWHERE), **fake.environment})
        return fake

    def stop(self) -> None:
        """Put the variables back and close the fake; nothing happens if it does not run.

        Raises:
            UsageError: if a mounted app did not shut down cleanly.
            Exception: a defect of the fake that its API could only answer with a 500.
            ExceptionGroup: if there is more than one of these.
        """
        fake, self._fake = self._fake, None
        if fake is None:
            return
        before, self._before = self._before, {}
        try:
            fake.close()  # an app may publish while it shuts down
        finally:
            _put(before)

    def __enter__(self) -> FakeQStash:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _set(self, variables: dict[str, str | None]) -> None:
        self._before = {name: os.environ.get(name) for name in variables}
        _put(variables)


def _put(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
