"""What a test author would write without the fake: the least that a message can cost.

A heap of what is due, a dict for each message, and a log of tuples. No retries, no queries,
no ids of the service's form, no second user.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]


class ByHand:
    """Messages in a dict, what is due in a heap, what happened in a list."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.log: list[tuple[int, str, Record]] = []
        self._heap: list[tuple[int, int, Record]] = []

    def publish(self, url: str, body: bytes, due: int) -> None:
        """Keep a message."""
        number = len(self.records)
        message_id = f"msg_{number:044}"
        record: Record = {
            "messageId": message_id,
            "url": url,
            "method": "POST",
            "header": (("Content-Type", "application/json"),),
            "body": body,
            "maxRetries": 3,
            "createdAt": due,
            "notBefore": due,
            "callerIP": "127.0.0.1",
            "state": "CREATED",
            "retried": 0,
        }
        self.records[message_id] = record
        heappush(self._heap, (due, number, record))
        self.log.append((due, "CREATED", record))

    def deliver(self, destination: Callable[[Record], int]) -> None:
        """Deliver everything."""
        heap, log = self._heap, self.log
        while heap:
            due, _, record = heappop(heap)
            record["state"] = "ACTIVE"
            log.append((due, "ACTIVE", record))
            status = destination(record)
            record["state"] = "DELIVERED" if 200 <= status < 300 else "ERROR"
            log.append((due, record["state"], record))
