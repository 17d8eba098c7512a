"""What is shown of a message that hides parts of itself.

The service delivers the original, again when a dead letter is retried, and shows a hash in
messages, dead letters, logs and schedules. What a destination answers is never hidden, nor is
the original inside a callback (D93), so only the encoders of those four objects ask here.
"""

from hashlib import sha256
from typing import Final

from fakestash.model.messages import PublishCommand
from fakestash.wire.json_values import header_map

_PREFIX: Final = "REDACTED:"


def shown_headers(command: PublishCommand) -> dict[str, list[str]]:
    """The forwarded headers as a map; names stay visible, each hidden value is a hash (D92).

    All headers hidden means ``Content-Type`` too.
    """
    redaction = command.extras.redaction
    if redaction is None:
        return header_map(command.headers)
    return header_map(
        (name, _hash(value.encode("latin-1")))
        if redaction.all_headers or name in redaction.headers
        else (name, value)
        for name, value in command.headers
    )


def shown_body(command: PublishCommand) -> bytes:
    """The body, or the text that stands for a hidden one (D92). Of no body nothing is shown."""
    redaction = command.extras.redaction
    if redaction is None or not redaction.body or not command.body:
        return command.body
    return _hash(command.body).encode("ascii")


def _hash(original: bytes) -> str:
    """What stands for a hidden value: the documented text, the digest in lower-case hex (D92)."""
    return f"{_PREFIX}{sha256(original).hexdigest()}"
