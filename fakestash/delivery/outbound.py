"""The request that goes out for one attempt: what was published, signed, with its headers."""

import json
from typing import Any

from fakestash.clock import machine_seconds, process_seconds
from fakestash.delivery.doctor.checks import Evidence
from fakestash.delivery.header_form import form_of
from fakestash.delivery.headers import Headers
from fakestash.ids import jwt_id
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import HeaderItems
from fakestash.wire.signing import LIFETIME_S, sign


class OutboundRequest:
    """One delivery request, as a destination gets it.

    Its headers are made when first read: a scripted answer that looks at nothing costs no
    signature. All that they depend on is fixed when the request is made, so it does not matter
    when that is.
    """

    __slots__ = ("_expires_at", "_headers", "_issued_at", "_region", "attempt", "evidence")

    def __init__(self, attempt: Attempt, region: str, signed_at: int | None = None) -> None:
        """``signed_at`` (unix seconds) takes the place of this process's time, if given."""
        self.attempt = attempt
        self._region = region
        self._issued_at = process_seconds() if signed_at is None else signed_at
        self._expires_at = self._issued_at + LIFETIME_S
        self._headers: Headers | None = None
        self.evidence: Evidence | None = None
        """What was noted for a diagnosis, if anything was."""

    def leaves_process(self) -> None:
        """Make the signature good for other processes too.

        They see the machine's time, which is not this process's while a test has time frozen: the
        token's life then spans both clocks. Must be called before the headers are read.
        """
        machine = int(machine_seconds())
        self._issued_at = min(self._issued_at, machine)
        self._expires_at = max(self._expires_at, machine + LIFETIME_S)

    @property
    def url(self) -> str:
        """The destination, exactly as published."""
        return self.attempt.message.command.url

    @property
    def method(self) -> str:
        """The HTTP method, upper case."""
        return self.attempt.message.command.method

    @property
    def body(self) -> bytes:
        """The body as published, byte for byte."""
        return self.attempt.message.command.body

    @property
    def message_id(self) -> str:
        """The id of the message in version 2; version 1 sends that of its publication."""
        return self.attempt.message.id

    @property
    def retried(self) -> int:
        """How many retries came before: 0 on the first attempt."""
        return self.attempt.number

    @property
    def headers(self) -> Headers:
        """The header fields, as a mapping; ``.items_in_order`` has casing and order."""
        if self._headers is None:
            self._headers = Headers(self.header_items())
        return self._headers

    @property
    def signature(self) -> str:
        """What goes out as ``Upstash-Signature``."""
        return self._signature()

    @property
    def signature_life(self) -> tuple[int, int]:
        """From when to when the signature is good (unix seconds)."""
        return self._issued_at, self._expires_at

    def json(self) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """The body read as JSON."""
        return json.loads(self.body)

    def header_items(self) -> HeaderItems:
        """The header fields with casing and order, made anew: nothing of them is kept.

        For destinations, which need them once; ``headers`` would stay for as long as the delivery
        is remembered, and weighs more than all the rest of it.
        """
        form = form_of(self.attempt.message.command, self._region)
        return form.filled(self._header_values())

    def header_fields(self) -> list[tuple[bytes, bytes]]:
        """The same as ASGI has them: bytes, with names in lower case."""
        form = form_of(self.attempt.message.command, self._region)
        return form.filled_fields(self._header_values())

    def _header_values(self) -> tuple[str, str, str, str]:
        """What a form is filled with."""
        attempt = self.attempt
        message = attempt.message
        return (
            message.publication_id,
            str(attempt.number),
            self._signature(),
            str(len(message.command.body)),
        )

    def _signature(self) -> str:
        attempt = self.attempt
        command = attempt.message.command
        return sign(
            attempt.signing_key,
            url=command.url,
            body=command.body,
            issued_at=self._issued_at,
            expires_at=self._expires_at,
            token_id=jwt_id(attempt.nonce),
        )
