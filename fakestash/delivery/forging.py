"""Requests that try out what an endpoint checks: a recorded delivery again, right or forged."""

from copy import copy
from enum import StrEnum
from typing import Final

from fakestash.clock import machine_seconds
from fakestash.delivery.outbound import OutboundRequest
from fakestash.ids import jwt_id
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import HeaderItems
from fakestash.model.users import SigningKeys
from fakestash.wire.signing import LIFETIME_S, sign

_FOREIGN_KEY: Final = "sig_0nobody0has0this0key00000000"
_OTHER_URL: Final = "https://elsewhere.test/hook"
_LONG_AGO_S: Final = 3600
_SIGNATURE: Final = "Upstash-Signature"


class ProbeKind(StrEnum):
    """What a request of a probe has."""

    GOOD = "a good signature"
    NEXT_KEY = "a signature by the next key"
    UNSIGNED = "no signature"
    TAMPERED_BODY = "a body that was tampered with"
    TAMPERED_SIGNATURE = "a signature that was tampered with"
    FOREIGN_KEY = "a signature by a foreign key"
    EXPIRED = "a signature that has expired"
    WRONG_URL = "a signature for another URL"


TO_BE_ACCEPTED: Final = frozenset({ProbeKind.GOOD, ProbeKind.NEXT_KEY})


class ProbeRequest(OutboundRequest):
    """One request of a probe.

    Args:
        attempt: the delivery that is made again.
        region: goes out as ``Upstash-Region``.
        kind: what is done to it.
        keys: those of its user now.
        signed_at: takes the place of this process's time, if given (unix seconds).
    """

    __slots__ = ("_signed_command", "kind")

    def __init__(
        self,
        attempt: Attempt,
        region: str,
        kind: ProbeKind,
        keys: SigningKeys,
        signed_at: int | None = None,
    ) -> None:
        self.kind = kind
        self._signed_command = attempt.message.command
        if kind is ProbeKind.TAMPERED_BODY:
            attempt = attempt._replace(message=copy(attempt.message))
            body = self._signed_command.body
            attempt.message.command = self._signed_command._replace(body=_tampered(body))
        elif kind is ProbeKind.WRONG_URL:
            self._signed_command = self._signed_command._replace(url=_OTHER_URL)
        key = {ProbeKind.NEXT_KEY: keys.next, ProbeKind.FOREIGN_KEY: _FOREIGN_KEY}.get(kind)
        place = list(ProbeKind).index(kind) + 1
        super().__init__(
            attempt._replace(
                signing_key=keys.current if key is None else key,
                nonce=attempt.nonce ^ place,  # a receiver may take no token twice
            ),
            region,
            signed_at,
        )
        if kind is ProbeKind.EXPIRED:
            self._issued_at = min(self._issued_at, int(machine_seconds())) - _LONG_AGO_S
            self._expires_at = self._issued_at + LIFETIME_S

    def leaves_process(self) -> None:
        """Make the signature good for other processes too, unless it is to be good for none."""
        if self.kind is not ProbeKind.EXPIRED:
            super().leaves_process()

    def header_items(self) -> HeaderItems:
        """The header fields with casing and order."""
        items = super().header_items()
        if self.kind is ProbeKind.UNSIGNED:
            return tuple(item for item in items if item[0] != _SIGNATURE)
        return items

    def header_fields(self) -> list[tuple[bytes, bytes]]:
        """The same as ASGI has them."""
        fields = super().header_fields()
        if self.kind is ProbeKind.UNSIGNED:
            return [field for field in fields if field[0] != _SIGNATURE.lower().encode()]
        return fields

    def _signature(self) -> str:
        token = sign(
            self.attempt.signing_key,
            url=self._signed_command.url,
            body=self._signed_command.body,
            issued_at=self._issued_at,
            expires_at=self._expires_at,
            token_id=jwt_id(self.attempt.nonce),
        )
        if self.kind is not ProbeKind.TAMPERED_SIGNATURE:
            return token
        claims, _, signature = token.rpartition(".")
        return f"{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def _tampered(body: bytes) -> bytes:
    """Another body that a handler can read as well, so that it is the check that has to fail."""
    return body + b" " if body else b"tampered"
