"""From a check that failed to what was wrong, in the order in which receivers look.

The key that signed counts: a receiver that has two keys says what it thinks of the other one last.
"""

from collections.abc import Iterator
from typing import Any, Final

from fakestash.delivery.doctor.bodies import body_problem
from fakestash.delivery.doctor.checks import UNSEEN, Check, Refusal
from fakestash.delivery.doctor.keys import key_text, shortened
from fakestash.delivery.doctor.problem import Problem, RefusalCause
from fakestash.delivery.doctor.urls import url_problem
from fakestash.delivery.outbound import OutboundRequest
from fakestash.syntax.moments import duration_text, instant_text

_SIGNATURE: Final = "Upstash-Signature"
_WHEN_USED: Final = (
    "read the keys when they are used and not when a module is imported: "
    "QSTASH_CURRENT_SIGNING_KEY and QSTASH_NEXT_SIGNING_KEY are those of the fake during the test"
)


def problems_in(check: Check, request: OutboundRequest, refusal: Refusal) -> tuple[Problem, ...]:
    """All that a check found, and would have found next; nothing if that is a riddle."""
    wrong_token = _token_problem(check.signature, request)
    if wrong_token is not None:
        return (wrong_token,)
    signing_key = request.attempt.signing_key
    tried = [at for at, (_, key) in enumerate(check.keys) if key == signing_key]
    if not tried:
        return (*_key_problem(check, signing_key, refusal), *_of_content(check, request))
    verdict = check.verdicts[tried[0]]
    return (*_of_verdict(check, verdict, request, refusal), *_of_content(check, request))


def _of_content(check: Check, request: OutboundRequest) -> Iterator[Problem]:
    wrong_url = url_problem(request.url, check.url)
    if wrong_url is not None:
        yield wrong_url
    if check.body is not UNSEEN:
        wrong_body = body_problem(request.body, check.body)
        if wrong_body is not None:
            yield wrong_body


def _of_verdict(
    check: Check, verdict: str, request: OutboundRequest, refusal: Refusal
) -> Iterator[Problem]:
    """What the verdict under the right key tells that values cannot be compared for."""
    said = verdict.lower()
    if "expired" in said:
        yield time_problem(RefusalCause.EXPIRED, check.at, request, refusal)
    elif "not yet valid" in said:
        yield time_problem(RefusalCause.NOT_YET_VALID, check.at, request, refusal)
    elif "issuer" in said:
        yield Problem(
            cause=RefusalCause.ISSUER,
            what="the app wants another issuer than the service",
            sent=repr("Upstash"),
            checked=repr(check.issuer),
            advice='verify with issuer="Upstash"',
        )


def _token_problem(signature: Any, request: OutboundRequest) -> Problem | None:  # noqa: ANN401 - what the app used
    """What is wrong with the token that was checked, if it is not the one that was sent."""
    sent = request.signature
    if isinstance(signature, bytes):
        signature = signature.decode(errors="replace")
    if signature == sent:
        return None
    if signature is None or signature == "":
        what, checked = "no signature was verified: the app did not find it", repr(signature)
    elif not isinstance(signature, str):
        what = f"the signature that was verified is no text but {type(signature).__name__}"
        checked = repr(signature)
    elif sent in signature:
        what = "the signature that was verified has something around it"
        checked = repr(signature.replace(sent, "<signature>"))
    else:
        what, checked = (
            "the signature that was verified is not the one that was sent",
            _other(signature, request),
        )
    return Problem(
        cause=RefusalCause.SIGNATURE,
        what=what,
        sent=shortened(sent),
        checked=checked,
        advice=f'read the header "{_SIGNATURE}", which every delivery has, whole',
    )


def _other(signature: str, request: OutboundRequest) -> str:
    names = [name for name, value in request.header_items() if value == signature]
    if names:
        return f"{shortened(signature)}, which is the header {names[0]}"
    return shortened(signature)


def _key_problem(check: Check, signing_key: str, refusal: Refusal) -> Iterator[Problem]:
    used = [f"{name} {key_text(key, signing_key, refusal.variables)}" for name, key in check.keys]
    several = len(used) > 1
    what = "neither key of the app is" if several else "the key of the app is not"
    yield Problem(
        cause=RefusalCause.KEY,
        what=f"{what} the one that signed",
        sent=key_text(signing_key, signing_key, refusal.variables),
        checked="; ".join(used),
        advice=_key_advice(check),
    )


def _key_advice(check: Check) -> str:
    if any(isinstance(key, str) and key != key.strip(" \t\r\n\"'`") for _, key in check.keys):
        return "take the blanks or quotes away where the key is set"
    return _WHEN_USED


def time_problem(
    cause: RefusalCause, at: int, request: OutboundRequest, refusal: Refusal
) -> Problem:
    """That a token was looked at after its end, or before its beginning (``at``, unix seconds)."""
    since, until = request.signature_life
    if cause is RefusalCause.EXPIRED:
        what, gap, missed = "the signature had expired", at - until, "too late"
    else:
        what, gap, missed = "the signature was not valid yet", since - at, "too early"
    return Problem(
        cause=cause,
        what=f"{what} by the clock that the app sees",
        sent=f"good from {_instant(since)} to {_instant(until)}",
        checked=f"at {_instant(at)}, {duration_text(max(gap, 0) * 1000)} {missed}",
        advice=_clock_advice(refusal),
    )


def _clock_advice(refusal: Refusal) -> str:
    if refusal.is_stamped_by_fake:
        return (
            "signatures are stamped with the fake's clock (sign_with_virtual_time): have the app's "
            "clock follow it (freeze=True), or leave that out"
        )
    return (
        "something moved the app's clock between the signing and the check: freeze time around the "
        "whole move of time, or have it follow the fake (freeze=True)"
    )


def _instant(seconds: int) -> str:
    return instant_text(seconds * 1000)
