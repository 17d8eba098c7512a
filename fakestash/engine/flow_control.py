"""Flow control keys as a resource.

A key that nobody has named comes to be with its first action (D77), and none is ever forgotten.
"""

from collections import Counter
from collections.abc import Callable

from fakestash import refusals
from fakestash.engine import admission
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.places import Gate
from fakestash.model.queries import Pin
from fakestash.model.resources import FlowControlStatus, GlobalParallelism


class FlowControls:
    """The flow control keys of all users."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def get(self, user_id: str, key: str) -> FlowControlStatus:
        """One key.

        Raises:
            ServiceError: 404 if nothing has named it yet.
        """
        with self._door.reading(user_id) as (_, account, now):
            gate = account.gates.get(key)
            if gate is None:
                raise refusals.flow_control_key_not_found(key)
            return gate.status(now, _further_on(account)[key])

    def list(self, user_id: str, search: str = "") -> tuple[FlowControlStatus, ...]:
        """All keys that contain ``search`` in any case, by name (D74)."""
        part = search.lower()
        with self._door.reading(user_id) as (_, account, now):
            further_on = _further_on(account)
            return tuple(
                gate.status(now, further_on[key])
                for key, gate in sorted(account.gates.items())
                if part in key.lower()
            )

    def global_parallelism(self, user_id: str) -> GlobalParallelism:
        """How many attempts of the user may be in flight, and how many are."""
        with self._door.reading(user_id) as (_, account, _):
            in_flight = sum(limit.in_flight for limit in account.limits)
            return GlobalParallelism(account.global_limit.maximum, in_flight)

    def pause(self, user_id: str, key: str) -> None:
        """Let nothing start; its period runs on."""
        self._do(user_id, key, lambda gate, _: _set_paused(gate, paused=True))

    def resume(self, user_id: str, key: str) -> None:
        """Let those who wait go on, as far as the limits allow."""
        self._do(user_id, key, lambda gate, _: _set_paused(gate, paused=False))

    def pin(self, user_id: str, key: str, pin: Pin) -> None:
        """Fix limits whatever messages bring; the period starts anew."""
        self._do(user_id, key, lambda gate, now: gate.pin(pin, now))

    def unpin(self, user_id: str, key: str, parallelism: bool, rate: bool) -> None:  # noqa: FBT001 - values, no switches
        """Let the next message bring limits again."""
        self._do(user_id, key, lambda gate, _: gate.unpin(parallelism=parallelism, rate=rate))

    def reset_rate(self, user_id: str, key: str) -> None:
        """Start a new period now (at once, D76)."""
        self._do(user_id, key, lambda gate, now: gate.reset_rate(now))

    def reset(self, user_id: str, key: str) -> None:
        """As ``reset_rate``, and forget the attempts in flight."""
        self._do(user_id, key, lambda gate, now: gate.reset(now))

    def _do(self, user_id: str, key: str, action: Callable[[Gate, int], None]) -> None:
        with self._door.changing(user_id) as (world, account, now):
            gate = account.gates.get(key)
            if gate is None:
                gate = account.gates[key] = Gate(key)
            action(gate, now)
            admission.wake(world, account, gate, now)


def _further_on(account: Account) -> Counter[str]:
    """How many messages of each key wait for the user's own limit, which comes after the key's."""
    waiting = (message for limit in account.limits for message in limit.waiting)
    controls = (message.command.extras.flow_control for message in waiting)
    return Counter(control.key for control in controls if control is not None)


def _set_paused(gate: Gate, *, paused: bool) -> None:
    gate.is_paused = paused
