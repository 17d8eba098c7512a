"""Why an app refused a delivery: the true cause, and what was sent beside what was checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fakestash.delivery.doctor.checks import NOTHING, PYJWT, RECEIVER, Check, Refusal
from fakestash.delivery.doctor.examining import problems_in
from fakestash.delivery.doctor.frames import check_in
from fakestash.delivery.doctor.keys import shortened
from fakestash.delivery.doctor.problem import Problem, RefusalCause
from fakestash.delivery.doctor.suspecting import (
    answer_problem,
    is_good_at,
    plain_problem,
    suspicions,
)
from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.outcomes import Outcome, Responded, is_delivered

_FORBIDDEN: Final = (401, 403)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Why an app refused a delivery. ``str`` has all of it, over several lines.

    ``is_certain`` says that what the app checked was seen; the first of ``problems`` is then what
    failed. Otherwise they are what would explain it, the most likely first, as far as is known.
    """

    headline: str
    """What there is to say in a line; the same in every run."""

    is_certain: bool
    problems: tuple[Problem, ...]
    facts: tuple[str, ...] = ()
    """What else is known, a line each."""

    @property
    def cause(self) -> RefusalCause:
        """Which check failed, or most likely did."""
        return self.problems[0].cause if self.problems else RefusalCause.UNKNOWN

    @property
    def part(self) -> str | None:
        """The part of the URL that differs, if that is it."""
        return self.problems[0].part if self.problems else None

    @property
    def sent(self) -> str:
        """What was sent, as text; empty if there is nothing to compare."""
        return self.problems[0].sent if self.problems else ""

    @property
    def checked(self) -> str:
        """What the app checked in its place."""
        return self.problems[0].checked if self.problems else ""

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self.problems[0].advice if self.problems else ""

    def __str__(self) -> str:
        return "\n".join([self.headline, *self.facts, *self._told()])

    def _told(self) -> Iterator[str]:
        if self.is_certain:
            for place, problem in enumerate(self.problems):
                if place:
                    yield f"and {problem.what}"
                yield from _side_by_side(problem, "checked")
        elif self.problems:
            yield "what may be the reason:"
            for problem in self.problems:
                yield f"- {problem.what}"
                yield from _side_by_side(problem, "maybe")


def diagnose(request: OutboundRequest, outcome: Outcome) -> Diagnosis | None:
    """Why a delivery was refused; None if it was not, or for reasons of the app's own."""
    check, refusal = request.evidence or NOTHING
    if refusal is None or is_delivered(outcome):
        return None
    held = check is not None and check.held
    seen = None if held else _seen(request, check, outcome.exception, refusal)
    if seen is not None:
        return seen
    if not isinstance(outcome, Responded) or outcome.status not in _FORBIDDEN:
        return None
    said = answer_problem(outcome)
    if said is None and held:
        said = Problem(
            cause=RefusalCause.ELSEWHERE,
            what=f"{RECEIVER} took the signature for good; what refused it came after that",
        )
    return _guess(request, outcome, refusal) if said is None else _certain(said)


def _seen(
    request: OutboundRequest, check: Check | None, raised: BaseException | None, refusal: Refusal
) -> Diagnosis | None:
    """What is known of the check that failed."""
    if check is None and raised is not None:
        check = check_in(raised, refusal.at)
    problems = () if check is None else problems_in(check, request, refusal)
    if check is not None and problems:
        return _certain(*problems, facts=_what_it_said(check, problems))
    plain = None if raised is None else plain_problem(raised, request, refusal)
    return None if plain is None else _certain(plain)


def _certain(*problems: Problem, facts: tuple[str, ...] = ()) -> Diagnosis:
    return Diagnosis(headline=problems[0].what, is_certain=True, problems=problems, facts=facts)


def _what_it_said(check: Check, problems: Sequence[Problem]) -> tuple[str, ...]:
    """The receiver's own words, where they are about the key that was not meant."""
    misleads = check.by != PYJWT and problems[0].cause is not RefusalCause.KEY
    if misleads and len(set(check.verdicts)) > 1:
        return (f"({check.by} says {check.verdicts[-1]!r}: that is about its second key)",)
    return ()


def _guess(request: OutboundRequest, outcome: Responded, refusal: Refusal) -> Diagnosis:
    is_good = is_good_at(refusal.at, request)
    return Diagnosis(
        headline=f"the app answered {outcome.status}; what it checked could not be seen",
        is_certain=False,
        problems=tuple(suspicions(request, refusal)),
        facts=(
            f"as it was sent, {RECEIVER} {'accepts' if is_good else 'refuses'} it:",
            f"    key  {shortened(request.attempt.signing_key)}",
            f"    url  {request.url!r}",
            f"    body of {len(request.body):,} bytes",
        ),
    )


def _side_by_side(problem: Problem, other: str) -> Iterator[str]:
    width = len("checked")
    if problem.sent:
        yield f"    {'sent':<{width}}  {problem.sent}"
    if problem.checked:
        yield f"    {other:<{width}}  {problem.checked}"
    if problem.advice:
        yield f"    {problem.advice}"
