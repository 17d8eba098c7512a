"""What scenes are expected to come to: the service's objects, spelled out, with their defaults."""

import base64
import hashlib
import json
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from tests.builders import START
from tests.clients.npm.player import Sent

Object: TypeAlias = dict[str, Any]
Field: TypeAlias = tuple[str, str]

ORDERS: Final = "https://shop.test/orders"
BROKEN_ORDERS: Final = "https://broken.test/orders"
CALLED: Final = "https://shop.test/called"
FAILED: Final = "https://shop.test/failed"

AS_JSON: Final[Field] = ("Content-Type", "application/json")
AS_TEXT: Final[Field] = ("Content-Type", "text/plain;charset=UTF-8")
SHOP: Final[Field] = ("X-Shop", "tea")


class Reply(NamedTuple):
    """What a destination answers."""

    status: int = 200
    headers: dict[str, list[str]] = {}  # noqa: RUF012 - a default of a tuple, never changed
    body: str = ""


OK: Final = Reply()
BROKEN: Final = Reply(500, {"X-Reason": ["stock"]}, "no tea")
MODEL: Final = Reply(200, {"Content-Type": ["application/json"]}, '{"id": "answer"}')
SILENT: Final = Reply(0)


def base64_of(text: str) -> str:
    """Text in base64."""
    return base64.b64encode(text.encode()).decode()


def redacted(text: str) -> str:
    """What is shown in the place of ``text``."""
    return "REDACTED:" + hashlib.sha256(text.encode()).hexdigest()


def published(number: int) -> tuple[str, Object]:
    """A publish that made message ``number``."""
    return ("Client.publish", {"messageId": f"message-{number}"})


def refused(status: int, text: str) -> Object:
    """What the client raises of an error of the service."""
    envelope = json.dumps({"error": text}, separators=(",", ":"))
    return raised("QstashError", envelope, status=status)


def raised(name: str, message: str, **more: object) -> Object:
    """What the client raises."""
    return {"raised": {"name": name, "message": message, **more}}


def message(number: int, url: str, **changes: object) -> Object:
    """A message, as far as it is the same in the dead letter queue."""
    return {
        "messageId": f"message-{number}",
        "url": url,
        "method": "POST",
        "header": {},
        "maxRetries": 3,
        "notBefore": START,
        "createdAt": START,
        "callerIP": "127.0.0.1",
        **changes,
    }


def waiting(number: int, url: str, **changes: object) -> Object:
    """A message that waits for its first attempt."""
    shown = message(number, url, **changes)
    return {**shown, "state": "CREATED", "retried": 0, "nextDeliveryTime": shown["notBefore"]}


def dead(number: int, url: str, dlq_id: str, **changes: object) -> Object:
    """A message without retries that the broken shop refused."""
    answer = {"responseStatus": 500, "responseHeader": BROKEN.headers, "responseBody": BROKEN.body}
    return message(number, url, **{"maxRetries": 0, **answer, "dlqId": dlq_id, **changes})


def event(at: int, state: str, number: int, url: str, **changes: object) -> Object:
    """A log event ``at`` ms after the start."""
    parts = urlsplit(url)
    return {
        "time": START + at,
        "messageId": f"message-{number}",
        "state": state,
        "url": url,
        "header": {},
        "method": "POST",
        "maxRetries": 3,
        "callerIp": "127.0.0.1",
        "host": parts.netloc,
        "path": parts.path,
        **changes,
    }


DELIVERED: Final[Object] = {"responseStatus": 200, "duration": 0}
"""What an event tells of an attempt that succeeded."""

ERROR: Final[Object] = {
    "error": "HTTP status 500",
    "responseStatus": 500,
    "responseBody": base64_of(BROKEN.body),
    "responseHeaders": BROKEN.headers,
    "duration": 0,
}
"""What an event tells of an attempt that the broken shop refused."""


def logged(*events: Object, cursor: str | None = None) -> Object:
    """A page of the log as the client gives it, under both of its names."""
    page: Object = {"logs": list(events), "events": list(events)}
    return page if cursor is None else {"cursor": cursor, **page}


def sent(
    number: int, line: str, *headers: Field, body: str = "", at: int = 0, retried: int = 0
) -> Sent:
    """A delivery ``at`` ms after the start, with the service's own header fields added."""
    method, url = line.split(" ")
    own = [
        ("Upstash-Caller-Ip", "127.0.0.1"),
        ("Upstash-Message-Id", f"message-{number}"),
        ("Upstash-Region", "EU-CENTRAL-1"),
        ("Upstash-Retried", str(retried)),
        ("Upstash-Signature", "signature"),
    ]
    first = [("Host", urlsplit(url).netloc), ("User-Agent", "Upstash-QStash")]
    if body or method in ("POST", "PUT", "PATCH"):
        first.append(("Content-Length", "length"))
    fields = [*first, *sorted([*own, *headers]), ("Accept-Encoding", "gzip")]
    return Sent(at, line, fields, body)


def reported(
    number: int,
    source: Sent,
    answer: Reply,
    *,
    to: str = CALLED,
    retries: int = 3,
    created: int = 0,
    due: int = 0,
    dlq_id: str | None = None,
    schedule: str | None = None,
) -> Sent:
    """The delivery of a callback that tells of ``source``, to which came ``answer``."""
    fields = dict(source.headers)
    retried = int(fields["Upstash-Retried"])
    method, url = source.line.split(" ")
    forwarded = {
        name: [value] for name, value in source.headers[3:-1] if not name.startswith("Upstash-")
    }
    body = {
        "status": answer.status,
        "header": answer.headers,
        "body": base64_of(answer.body),
        **({"retried": retried} if retried else {}),
        **({"dlqId": dlq_id} if dlq_id else {}),
        "sourceMessageId": fields["Upstash-Message-Id"],
        "url": url,
        "method": method,
        "sourceHeader": forwarded,
        "sourceBody": base64_of(source.body),
        "maxRetries": retries,
        "notBefore": START + due,
        "createdAt": START + created,
        **({"scheduleId": schedule} if schedule else {}),
        "callerIP": "127.0.0.1",
    }
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return sent(number, f"POST {to}", AS_JSON, body=text, at=source.at)
