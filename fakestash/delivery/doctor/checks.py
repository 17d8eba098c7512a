"""What is noted while a delivery is made, for a diagnosis later on: plain values, no frames."""

import os
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from fakestash.clock import process_seconds

UNSEEN: Final = "<not seen>"
"""Stands for a body that was perhaps checked, but not where it could be seen."""

RECEIVER: Final = "the official receiver"
PYJWT: Final = "PyJWT"


_MOST_LINKS: Final = 20
"""So many exceptions that led to each other are looked at."""


class Check(NamedTuple):
    """One check of a signature in an app, with what it was given, of whatever type that was.

    ``keys`` are the keys tried, with the names of the parameters that they came by, and
    ``verdicts`` what was said under each of them. A check without verdicts held. ``at`` is when it
    was made (unix seconds, as code in this process sees them).
    """

    by: str
    signature: Any = None
    body: Any = UNSEEN
    url: Any = None
    issuer: Any = None
    keys: tuple[tuple[str, Any], ...] = ()
    verdicts: tuple[str, ...] = ()
    at: int = 0

    @property
    def held(self) -> bool:
        """Whether the receiver took the signature for good."""
        return not self.verdicts


class Refusal(NamedTuple):
    """How things stood right after a delivery that failed: the time, and variables about keys."""

    at: int
    variables: tuple[tuple[str, str], ...]
    is_in_process: bool
    is_stamped_by_fake: bool
    """Whether its signature has the time of the fake's clock."""


class Evidence(NamedTuple):
    """What is noted of one delivery: the last check that was seen, and how things stood later."""

    check: Check | None = None
    refusal: Refusal | None = None


NOTHING: Final = Evidence()
ACCEPTED: Final = Evidence(Check(RECEIVER))


def refusal_now(*, is_in_process: bool, is_stamped_by_fake: bool) -> Refusal:
    """How things stand."""
    variables = [(name, value) for name, value in os.environ.items() if "SIGNING_KEY" in name]
    return Refusal(process_seconds(), tuple(sorted(variables)), is_in_process, is_stamped_by_fake)


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, and those that led to it, the latest first."""
    link: BaseException | None = error
    for _ in range(_MOST_LINKS):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def check_of_receiver(receiver: Any, given: dict[str, Any], error: Exception) -> Check | None:  # noqa: ANN401 - an object of the user's library
    """A call of the official ``Receiver.verify`` that raised; None if that was no verdict.

    It tries the current key and then the next. What it raises is about the next key; what it raised
    for the current one is among what led to that.
    """
    body = given.get("body")
    if type(error).__name__ != "SignatureError" and isinstance(body, str):
        return None
    verdicts = [str(link) for link in chain(error) if type(link) is type(error)]
    return Check(
        RECEIVER,
        signature=given.get("signature"),
        body=body,
        url=given.get("url"),
        keys=(
            ("current_signing_key", getattr(receiver, "_current_signing_key", None)),
            ("next_signing_key", getattr(receiver, "_next_signing_key", None)),
        ),
        verdicts=(verdicts[min(1, len(verdicts) - 1)], verdicts[0]),
        at=process_seconds(),
    )
