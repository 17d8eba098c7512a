"""What may be wrong where nobody saw what the app checked: what is known and would explain it."""

import json
from collections.abc import Iterator
from typing import Final

from fakestash.delivery.doctor.bodies import TEXT, contrasted
from fakestash.delivery.doctor.checks import Refusal, chain
from fakestash.delivery.doctor.examining import time_problem
from fakestash.delivery.doctor.keys import key_text
from fakestash.delivery.doctor.problem import Problem, RefusalCause
from fakestash.delivery.doctor.urls import differing_parts, likely_view
from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.outcomes import Responded

_CURRENT: Final = "QSTASH_CURRENT_SIGNING_KEY"


def plain_problem(
    error: BaseException, request: OutboundRequest, refusal: Refusal
) -> Problem | None:
    """What an exception says by itself, if it is about the checking of signatures."""
    for link in chain(error):
        if isinstance(link, UnicodeDecodeError) and link.object == request.body:
            return Problem(
                cause=RefusalCause.BODY,
                what="the body is no UTF-8, and the app decodes it to verify it",
                advice=TEXT,
            )
        if isinstance(link, KeyError) and link.args:
            found = _missing(str(link.args[0]), refusal)
            if found is not None:
                return found
    return None


def answer_problem(outcome: Responded) -> Problem | None:
    """What the answer says by itself."""
    if b"CSRF" in outcome.body:
        return Problem(
            cause=RefusalCause.CSRF,
            what="the answer speaks of CSRF: the framework refused before the app checked anything",
            advice="exempt the endpoint from that protection (Django: @csrf_exempt)",
        )
    wanted = [value for name, value in outcome.headers if name == "Www-Authenticate"]
    if wanted:
        return Problem(
            cause=RefusalCause.ELSEWHERE,
            what=f"the answer asks for other credentials (WWW-Authenticate: {wanted[0]})",
            advice='forward them when publishing, e.g. the header "Upstash-Forward-Authorization"',
        )
    return None


def suspicions(request: OutboundRequest, refusal: Refusal) -> Iterator[Problem]:
    """What would explain a refusal, the most likely first."""
    yield from _of_time(request, refusal)
    if refusal.is_in_process:
        yield from _of_keys(request, refusal)
    yield from _of_url(request)
    yield from _of_body(request)


def is_good_at(at: int, request: OutboundRequest) -> bool:
    """Whether a receiver would take the signature at ``at`` (unix seconds) for good."""
    since, until = request.signature_life
    return since <= at < until


def _missing(name: str, refusal: Refusal) -> Problem | None:
    plain = name.lower().replace("_", "-")
    if "signing-key" in plain:
        set_ones = ", ".join(known for known, _ in refusal.variables) or "none"
        return Problem(
            cause=RefusalCause.KEY,
            what=f"the app found no signing key under the name {name!r}",
            sent=f"variables about keys here: {set_ones}",
            advice=f'read the environment\'s variables "{_CURRENT}" and its like',
        )
    if "signature" in plain:
        return Problem(
            cause=RefusalCause.SIGNATURE,
            what=f"the app found no signature under the name {name!r}",
            sent="the header Upstash-Signature",
            advice="read it through the framework's request.headers, which ignore case",
        )
    return None


def _of_time(request: OutboundRequest, refusal: Refusal) -> Iterator[Problem]:
    if not is_good_at(refusal.at, request):
        is_late = refusal.at >= request.signature_life[1]
        cause = RefusalCause.EXPIRED if is_late else RefusalCause.NOT_YET_VALID
        yield time_problem(cause, refusal.at, request, refusal)


def _of_keys(request: OutboundRequest, refusal: Refusal) -> Iterator[Problem]:
    variables = dict(refusal.variables)
    key = request.attempt.signing_key
    if key in variables.values():
        return
    found = variables.get(_CURRENT)
    here = "is not set in this process" if found is None else "holds another key in this process"
    yield Problem(
        cause=RefusalCause.KEY,
        what=f"{_CURRENT} {here}",
        sent=key_text(key, key, refusal.variables),
        checked="" if found is None else key_text(found, key, refusal.variables),
        advice="set what qstash.environment holds before the app reads it",
    )


def _of_url(request: OutboundRequest) -> Iterator[Problem]:
    seen = likely_view(request.url)
    if seen != request.url:
        parts = differing_parts(request.url, seen)
        yield Problem(
            cause=RefusalCause.URL,
            part=parts[0],
            what="the URL as frameworks rebuild it is not the one that was signed",
            sent=repr(request.url),
            checked=repr(seen),
            advice="publish to the URL as the app's framework writes it",
        )


def _of_body(request: OutboundRequest) -> Iterator[Problem]:
    try:
        again = json.dumps(json.loads(request.body))
    except ValueError:  # no JSON, or no text at all
        return
    if again.encode() != request.body:
        sent, checked = contrasted(request.body, again)
        yield Problem(
            cause=RefusalCause.BODY,
            what="the body is JSON that Python writes in another way: made anew it does not verify",
            sent=sent,
            checked=checked,
            advice="verify the body as it came",
        )
