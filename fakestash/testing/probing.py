"""Trying out whether endpoints check signatures: what they must refuse, and what they must not.

A recorded delivery is made again, straight to its destination, signed well and in wrong ways. The
rules are our own: any 2xx accepts; 400, 401, 403 and whatever the app raises refuse what must be
accepted; where an endpoint answers nothing but 404, 405, 429 and 5xx, nothing is known of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from fakestash.delivery.base import Destination
from fakestash.delivery.doctor.diagnosis import diagnose
from fakestash.delivery.forging import TO_BE_ACCEPTED, ProbeKind, ProbeRequest
from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.delivery.records import Records
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.drive.report import counted
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.model.outcomes import Outcome, Responded, is_delivered, outcome_text
from fakestash.testing.parts import Parts
from fakestash.wire.places import place

__tracebackhide__ = shown_where_it_was_made

_REFUSALS: Final = frozenset({400, 401, 403})
_SAYS_NOTHING: Final = frozenset({404, 405, 429})
_SERVER_ERROR: Final = 500

_ADVICE: Final[Mapping[ProbeKind, str]] = {
    ProbeKind.GOOD: "deliver to it with a clean signature first, and look at delivery.diagnosis",
    ProbeKind.NEXT_KEY: "give the receiver the next key too: a rotation makes it the current one",
    ProbeKind.UNSIGNED: "refuse requests without the header Upstash-Signature",
    ProbeKind.TAMPERED_BODY: "verify the body as it came",
    ProbeKind.TAMPERED_SIGNATURE: "verify the signature, and do not only read its claims",
    ProbeKind.FOREIGN_KEY: "verify the signature with the current and the next key, and no other",
    ProbeKind.EXPIRED: "verify the claim exp, with no more tolerance than clocks need",
    ProbeKind.WRONG_URL: "verify the claim sub: give verify() the url",
}


class SignatureFlaw(StrEnum):
    """What is wrong with an endpoint."""

    ACCEPTED = "accepted"
    """It accepts what it must refuse."""

    REFUSED = "refused"
    """It refuses what it must accept."""

    INCONCLUSIVE = "inconclusive"
    """Its answers say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One request of a probe, and what came back; ``status`` is None if there was no answer."""

    kind: ProbeKind
    method: str
    url: str
    status: int | None
    exception: BaseException | None
    """What the app raised, which counts as a refusal."""

    is_accepted: bool

    def __str__(self) -> str:
        came = "accepted" if self.is_accepted else "refused"
        raised = "" if self.exception is None else f", {type(self.exception).__name__}"
        return f"{self.method} {self.url} with {self.kind}: {came} ({self.status}{raised})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFinding:
    """One thing that is wrong with how an endpoint checks signatures."""

    flaw: SignatureFlaw
    kind: ProbeKind
    method: str
    url: str
    what: str
    """What is wrong, in words."""

    advice: str
    """What to do about it."""

    def __str__(self) -> str:
        return f"{self.flaw}: {self.what}\n    {self.advice}"


class SignatureFindings(Records[SignatureFinding]):
    """What a probe found: empty, and so false, if every endpoint does as it should.

    ``probes`` are all requests that were made, with what came back.
    """

    __slots__ = ("probes",)

    def __init__(
        self, items: Iterable[SignatureFinding] = (), probes: Iterable[Probe] = ()
    ) -> None:
        super().__init__(items)
        self.probes = tuple(probes)

    def of_flaw(self, *flaws: SignatureFlaw) -> Self:
        """Those of these flaws."""
        return self.where(lambda finding: finding.flaw in flaws)

    def assert_ok(self) -> None:
        """Insist that nothing was found.

        Raises:
            AssertionError: if something was; the text has all of it.
        """
        if self:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        if not self:
            return "signatures are checked as they should be"
        are = counted(len(self), "thing is", "things are")
        return "\n".join([f"{are} wrong with the checking of signatures:", *map(str, self)])


class Probing(Parts):
    """Trying out what endpoints check."""

    def probe_signatures(self, what: str | Delivery | None = None) -> SignatureFindings:
        """Make recorded deliveries again, signed well and in wrong ways, and see what is accepted.

        They go straight to their destinations: there is no message, no line in the log or the
        journal, and no time passes. The handler runs for each that the app accepts, so twice at
        least; what it publishes then is published.

        Args:
            what: a delivery; or the URL or origin of endpoints; or all that have accepted one.
                Each method and URL is tried once, with the latest delivery.

        Raises:
            UsageError: if there is nothing to try, or it is answered by a script; from inside a
                delivery, or where an event loop runs.
        """
        wanted = self._wanted(what)
        made = self._made(wanted)
        return _found(made, self._driver.call("probe_signatures", made))

    async def probe_signatures_async(self, what: str | Delivery | None = None) -> SignatureFindings:
        """``probe_signatures``, awaiting the calls in the caller's event loop."""
        made = self._made(self._wanted(what))
        return _found(made, await self._driver.call_async("probe_signatures_async", made))

    def _wanted(self, what: str | Delivery | None) -> list[Delivery]:
        if isinstance(what, Delivery):
            chosen = [what]
        else:
            made = self._courier.deliveries_of(self._user.id)
            chosen = _latest(made.where(_was_accepted) if what is None else made.to(what))
        mounted = [each for each in chosen if not self._is_scripted(each.url)]
        if mounted:
            return mounted
        if chosen and what is not None:
            raise UsageError(
                f"{place(chosen[0].url)} is answered by a script, which checks what the test says: "
                "mount the app to probe it"
            )
        there = "no delivery that an app accepted" if what is None else f"no delivery to {what}"
        raise UsageError(
            f"there is {there}, and so nothing to try again: deliver to the app, then probe it"
        )

    def _is_scripted(self, url: str) -> bool:
        return isinstance(self._courier.destination_of(url), ScriptedDestination)

    def _made(self, wanted: Iterable[Delivery]) -> list[tuple[Destination, ProbeRequest]]:
        made: list[tuple[Destination, ProbeRequest]] = []
        for delivery in wanted:
            destination = self._courier.destination_of(delivery.url)
            if destination is None:
                raise UsageError(f"nothing serves {delivery.url} any more: mount the app again")
            keys = self.engine.signing_keys(delivery.attempt.message.user_id)
            signed_at = self._courier.stamp(self.engine.clock.now())
            made += [
                (
                    destination,
                    ProbeRequest(delivery.attempt, self._courier.region, kind, keys, signed_at),
                )
                for kind in ProbeKind
            ]
        return made


def _latest(deliveries: Deliveries) -> list[Delivery]:
    """The latest delivery to each endpoint; one that was accepted, if there is one."""
    latest: dict[tuple[str, str], Delivery] = {}
    accepted: dict[tuple[str, str], Delivery] = {}
    for delivery in deliveries:
        key = (delivery.method, delivery.url)
        latest[key] = delivery
        if _was_accepted(delivery):
            accepted[key] = delivery
    return list((latest | accepted).values())


def _was_accepted(delivery: Delivery) -> bool:
    outcome = delivery.outcome
    return outcome is not None and is_delivered(outcome)


def _found(
    made: Sequence[tuple[Destination, ProbeRequest]], outcomes: Sequence[Outcome]
) -> SignatureFindings:
    endpoints: dict[tuple[str, str], list[tuple[ProbeRequest, Outcome]]] = {}
    for (_, request), outcome in zip(made, outcomes, strict=True):
        endpoints.setdefault((request.method, request.url), []).append((request, outcome))
    return SignatureFindings(
        [finding for tried in endpoints.values() for finding in _findings(tried)],
        [_probe(request, outcome) for tried in endpoints.values() for request, outcome in tried],
    )


def _findings(tried: Sequence[tuple[ProbeRequest, Outcome]]) -> Iterator[SignatureFinding]:
    if all(_says_nothing(outcome) for _, outcome in tried):
        request, outcome = tried[0]
        what = f"answers everything alike ({outcome_text(outcome)}), which says nothing"
        yield _finding(SignatureFlaw.INCONCLUSIVE, request, what, "probe it when it accepts one")
        return
    for request, outcome in tried:
        must_be_accepted = request.kind in TO_BE_ACCEPTED
        if is_delivered(outcome) == must_be_accepted:
            continue
        advice = _ADVICE[request.kind]
        if not must_be_accepted:
            what = f"accepts {request.kind} ({outcome_text(outcome)})"
            yield _finding(SignatureFlaw.ACCEPTED, request, what, advice)
        elif _refuses(outcome):
            diagnosis = diagnose(request, outcome)
            why = _raised(outcome) if diagnosis is None else f": {diagnosis.headline}"
            if diagnosis is not None and request.kind is ProbeKind.GOOD and diagnosis.advice:
                advice = diagnosis.advice
            what = f"refuses {request.kind} ({outcome_text(outcome)}){why}"
            yield _finding(SignatureFlaw.REFUSED, request, what, advice)
        else:
            what = f"answers {request.kind} with {outcome_text(outcome)}, which says nothing"
            yield _finding(SignatureFlaw.INCONCLUSIVE, request, what, "see why it fails")


def _finding(
    flaw: SignatureFlaw, request: ProbeRequest, what: str, advice: str
) -> SignatureFinding:
    return SignatureFinding(
        flaw=flaw,
        kind=request.kind,
        method=request.method,
        url=request.url,
        what=f"{request.method} {request.url} {what}",
        advice=advice,
    )


def _probe(request: ProbeRequest, outcome: Outcome) -> Probe:
    return Probe(
        kind=request.kind,
        method=request.method,
        url=request.url,
        status=outcome.status if isinstance(outcome, Responded) else None,
        exception=outcome.exception,
        is_accepted=is_delivered(outcome),
    )


def _refuses(outcome: Outcome) -> bool:
    if outcome.exception is not None:
        return True
    return isinstance(outcome, Responded) and outcome.status in _REFUSALS


def _says_nothing(outcome: Outcome) -> bool:
    if outcome.exception is not None:
        return False
    if not isinstance(outcome, Responded):
        return True
    return outcome.status in _SAYS_NOTHING or outcome.status >= _SERVER_ERROR


def _raised(outcome: Outcome) -> str:
    error = outcome.exception
    return "" if error is None else f": {type(error).__name__}: {error}".partition("\n")[0]
