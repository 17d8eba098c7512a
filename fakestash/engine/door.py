"""The lock around everything, and what happens when it is let go after a change.

No user code runs under the lock: listeners hear of new log entries, and the driver of news,
when it has been released.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

from fakestash.engine.account import Account
from fakestash.engine.world import World
from fakestash.model.logs import LogEntry

Listener: TypeAlias = Callable[[LogEntry], None]


class Door:
    """The way to the data: ``lock`` to read, ``changing`` to change."""

    def __init__(self, world: World, lock: AbstractContextManager[object]) -> None:
        self.world = world
        self.lock = lock
        self._listeners: list[Listener] = []
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._announcing = False

    @contextmanager
    def reading(self, user_id: str) -> Generator[tuple[World, Account, int], None, None]:
        """The world, one user's part of it, and the instant (unix ms), under the lock."""
        with self.lock:
            yield self.world, self.world.accounts[user_id], self.world.clock.now()

    @contextmanager
    def changing(self, user_id: str) -> Generator[tuple[World, Account, int], None, None]:
        """The same for changes, which those who listen hear of afterwards."""
        with self.lock:
            yield self.world, self.world.accounts[user_id], self.world.clock.now()
        self.changed()

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` called with every new log entry, in order."""
        self._listeners.append(listener)
        self.world.is_heard = True

    def on_change(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have ``wake`` called after every change; what is returned puts an end to that."""
        with self.lock:
            self._watchers = (*self._watchers, wake)

        def stop() -> None:
            with self.lock:
                self._watchers = tuple(each for each in self._watchers if each is not wake)

        return stop

    def changed(self) -> None:
        """Tell of a change. To be called without the lock."""
        if self.world.outbox:
            self.announce()
        for wake in self._watchers:
            wake()

    def announce(self) -> None:
        """Give new log entries to the listeners, in order, one thread at a time."""
        while self.world.outbox:
            with self.lock:
                if self._announcing or not self.world.outbox:
                    return
                self._announcing = True
                entry = self.world.outbox.popleft()
            try:
                for listener in self._listeners:
                    listener(entry)
            finally:
                self._announcing = False
