"""Queues as a resource: made, changed, paused, deleted."""

from fakestash import refusals
from fakestash.engine import admission, cancellation
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.names import check_name
from fakestash.engine.places import Lane
from fakestash.model.resources import QueueStatus


class Queues:
    """The queues of all users. Every method may raise a ``ServiceError``."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def upsert(self, user_id: str, name: str, parallelism: int, paused: bool) -> None:  # noqa: FBT001 - a value, no switch
        """Make a queue, or replace the settings of one. An existing one never counts as too many.

        Raises:
            ServiceError: 400 for a bad name, 412 if it is beyond the plan.
        """
        with self._door.changing(user_id) as (world, account, now):
            check_name(name, "queue name")
            plan = world.plan
            if parallelism > plan.max_parallelism:
                raise refusals.quota_exceeded("maxParallelism", plan.max_parallelism)
            lane = account.lanes.get(name)
            if lane is None:
                if len(account.lanes) >= plan.max_queues:
                    raise refusals.quota_exceeded("maxQueues", plan.max_queues)
                lane = account.lanes[name] = Lane(name, now)
            lane.parallelism, lane.is_paused, lane.updated_at = parallelism, paused, now
            admission.change(world, account, lane, now)

    def get(self, user_id: str, name: str) -> QueueStatus:
        """One queue.

        Raises:
            ServiceError: 404 if there is none of that name.
        """
        with self._door.reading(user_id) as (_, account, _):
            return _lane(account, name).status()

    def list(self, user_id: str) -> tuple[QueueStatus, ...]:
        """All queues, in order of creation (D49)."""
        with self._door.reading(user_id) as (_, account, _):
            return tuple(lane.status() for lane in account.lanes.values())

    def delete(self, user_id: str, name: str, caller_ip: str | None = None) -> None:
        """Remove a queue, if it is there; its unfinished messages are cancelled (D50)."""
        with self._door.changing(user_id) as (world, account, now):
            lane = account.lanes.get(name)
            if lane is None:
                return
            for message in list(lane.unfinished.values()):
                if cancellation.can_be_cancelled(message):
                    cancellation.request(world, account, message, caller_ip, now)
            del account.lanes[name]

    def pause(self, user_id: str, name: str) -> None:
        """Let nothing of a queue start; no effect if it is paused.

        Raises:
            ServiceError: 404 if there is none of that name (D51).
        """
        self._set_paused(user_id, name, paused=True)

    def resume(self, user_id: str, name: str) -> None:
        """Let a queue go on, earliest message first; no effect if it is not paused.

        Raises:
            ServiceError: 404 if there is none of that name (D51).
        """
        self._set_paused(user_id, name, paused=False)

    def _set_paused(self, user_id: str, name: str, *, paused: bool) -> None:
        with self._door.changing(user_id) as (world, account, now):
            lane = _lane(account, name)
            if lane.is_paused != paused:
                lane.is_paused, lane.updated_at = paused, now
                admission.change(world, account, lane, now)


def _lane(account: Account, name: str) -> Lane:
    lane = account.lanes.get(name)
    if lane is None:
        raise refusals.queue_not_found(name)
    return lane
