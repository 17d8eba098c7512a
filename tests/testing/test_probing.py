"""Which endpoints accept what they must refuse, or refuse what they must accept."""

from collections.abc import Callable, Iterator
from typing import Any

import flask
import jwt
import pytest
from fastapi import FastAPI, Request, Response
from freezegun import freeze_time
from qstash import Receiver
from qstash.errors import SignatureError

from fakestash import (
    Delivery,
    FakeQStash,
    LiveServer,
    NestedMoveError,
    ProbeKind,
    RunningLoopError,
    SignatureFindings,
    SignatureFlaw,
    UsageError,
)
from fakestash.model.users import DEFAULT_USER
from tests.delivery.doctor.apps import APPS, Check, Seen, delivered, django_serves, verify
from tests.testing.acts import HOOK, publish

CURRENT, NEXT = DEFAULT_USER.keys
FORGED = [kind for kind in ProbeKind if kind not in {ProbeKind.GOOD, ProbeKind.NEXT_KEY}]


def strict(seen: Seen) -> None:
    """What an endpoint should check, with an answer for whatever is missing."""
    if "Upstash-Signature" not in seen.headers:
        raise SignatureError("unsigned")
    verify(seen)


def shop(check: Check) -> flask.Flask:
    """An app that checks so."""
    app: flask.Flask = APPS["Flask"](check)
    return app


def told(findings: SignatureFindings) -> list[tuple[SignatureFlaw, ProbeKind]]:
    return [(each.flaw, each.kind) for each in findings]


# --- all is well -------------------------------------------------------------------------------


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
@pytest.mark.parametrize("body", [b"", b'{"id":7}'])
def test_an_endpoint_that_does_as_it_should(
    qstash: FakeQStash, make: Callable[[Check], Any], body: bytes
) -> None:
    with django_serves(strict):
        delivered(qstash, make(strict), body=body)

        findings = qstash.probe_signatures()

    findings.assert_ok()
    assert (list(findings), str(findings)) == ([], "signatures are checked as they should be")
    assert [(each.kind, each.is_accepted, each.status) for each in findings.probes] == [
        (kind, kind not in FORGED, 401 if kind in FORGED else 200) for kind in ProbeKind
    ]
    assert str(findings.probes[2]) == f"POST {HOOK} with no signature: refused (401)"


def test_what_an_app_raises_is_a_refusal_with_a_note(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        try:
            verify(seen)
        except (SignatureError, KeyError) as error:
            raise PermissionError("no") from error

    delivered(qstash, shop(check))

    findings = qstash.probe_signatures()

    assert not findings
    assert [str(each.exception) for each in findings.probes] == ["None", "None", *["no"] * 6]
    assert str(findings.probes[-1]).endswith("for another URL: refused (500, PermissionError)")


@pytest.mark.parametrize("moment", ["1999-12-31", "2099-01-01"])
def test_time_may_be_frozen(qstash: FakeQStash, moment: str) -> None:
    with freeze_time(moment):
        delivered(qstash, shop(strict))

        assert not qstash.probe_signatures()


@pytest.mark.qstash(freeze=True, sign_with_virtual_time=True)
def test_the_fakes_clock_may_sign(qstash: FakeQStash) -> None:
    delivered(qstash, shop(strict))
    qstash.advance("30d")

    assert not qstash.probe_signatures()


def test_keys_may_have_been_rotated(qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch) -> None:
    delivered(qstash, shop(strict))
    qstash.engine.rotate_signing_keys(DEFAULT_USER.id)
    for name, value in qstash.environment.items():
        monkeypatch.setenv(name, value)

    assert not qstash.probe_signatures()


def test_over_http(qstash: FakeQStash) -> None:
    app = FastAPI()

    @app.post("/hook")
    async def hook(request: Request) -> Response:
        try:
            strict(Seen(request.headers, await request.body(), str(request.url)))
        except SignatureError:
            return Response(status_code=401)
        return Response()

    with LiveServer(app) as server:
        publish(qstash, f"{server.url}/hook", body=b"tea")
        qstash.advance(0)

        findings = qstash.probe_signatures()

    assert len(findings.probes) == 8
    assert not findings


def test_a_receiver_that_takes_no_token_twice_is_fine(qstash: FakeQStash) -> None:
    taken: set[str] = set()

    def check(seen: Seen) -> None:
        strict(seen)
        claims = jwt.decode(seen.headers["Upstash-Signature"], options={"verify_signature": False})
        if claims["jti"] in taken:
            raise SignatureError("replayed")
        taken.add(claims["jti"])

    delivered(qstash, shop(check))

    assert not qstash.probe_signatures()
    assert len(taken) == 3


# --- what is found -----------------------------------------------------------------------------


def careless(seen: Seen) -> None:
    """Check nothing."""


def claims_only(seen: Seen) -> None:
    if "Upstash-Signature" not in seen.headers:
        raise SignatureError("unsigned")
    jwt.decode(seen.headers["Upstash-Signature"], options={"verify_signature": False})


def without_url(seen: Seen) -> None:
    strict(
        seen._replace(
            url=jwt.decode(
                seen.headers.get("Upstash-Signature", "") or _no_token(),
                options={"verify_signature": False},
            )["sub"]
        )
    )


def _no_token() -> str:
    raise SignatureError("unsigned")


def without_body(seen: Seen) -> None:
    Receiver(CURRENT, NEXT).verify(
        signature=seen.headers.get("Upstash-Signature") or _no_token(),
        body='{"id":7}',
        url=seen.url,
    )


def current_key_only(seen: Seen) -> None:
    Receiver(CURRENT, CURRENT).verify(
        signature=seen.headers.get("Upstash-Signature") or _no_token(),
        body=seen.body.decode(),
        url=seen.url,
    )


def any_time(seen: Seen) -> None:
    token = seen.headers.get("Upstash-Signature") or _no_token()
    options: Any = {"verify_exp": False}
    for key in (CURRENT, NEXT):
        try:
            claims = jwt.decode(token, key, algorithms=["HS256"], options=options)
        except jwt.InvalidSignatureError:
            continue
        if claims["sub"] == seen.url and len(seen.body) == 8:
            return
    raise SignatureError("no")


@pytest.mark.parametrize(
    ("check", "found"),
    [
        (careless, [(SignatureFlaw.ACCEPTED, kind) for kind in FORGED]),
        (
            claims_only,
            [(SignatureFlaw.ACCEPTED, kind) for kind in FORGED if kind != ProbeKind.UNSIGNED],
        ),
        (without_url, [(SignatureFlaw.ACCEPTED, ProbeKind.WRONG_URL)]),
        (without_body, [(SignatureFlaw.ACCEPTED, ProbeKind.TAMPERED_BODY)]),
        (any_time, [(SignatureFlaw.ACCEPTED, ProbeKind.EXPIRED)]),
        (current_key_only, [(SignatureFlaw.REFUSED, ProbeKind.NEXT_KEY)]),
    ],
)
def test_what_an_endpoint_does_wrong(
    qstash: FakeQStash, check: Check, found: list[tuple[SignatureFlaw, ProbeKind]]
) -> None:
    delivered(qstash, shop(check))

    assert told(qstash.probe_signatures()) == found


def test_findings_read_well_and_can_be_insisted_on(qstash: FakeQStash) -> None:
    delivered(qstash, shop(without_url))
    findings = qstash.probe_signatures()

    with pytest.raises(AssertionError) as raised:
        findings.assert_ok()

    assert (
        str(raised.value)
        == str(findings)
        == f"""\
1 thing is wrong with the checking of signatures:
accepted: POST {HOOK} accepts a signature for another URL (200)
    verify the claim sub: give verify() the url"""
    )
    assert findings.of_flaw(SignatureFlaw.REFUSED) == []
    assert findings.of_flaw(SignatureFlaw.ACCEPTED) == findings


def test_a_good_signature_that_is_refused_is_diagnosed(qstash: FakeQStash) -> None:
    delivered(qstash, shop(lambda seen: verify(seen, body="")))

    good, next_key = qstash.probe_signatures(HOOK)

    assert str(good) == (
        f"refused: POST {HOOK} refuses a good signature (HTTP status 401): the body that was "
        "verified is not the one that was sent: it is empty\n    read it before anything else "
        "does: a stream is read once, and a form parser leaves nothing"
    )
    assert next_key.advice == (
        "give the receiver the next key too: a rotation makes it the current one"
    )


def test_a_handler_that_raises_at_a_good_signature_refuses_it(qstash: FakeQStash) -> None:
    seen_before: list[bytes] = []

    def once(seen: Seen) -> None:
        strict(seen)
        if seen_before:
            raise LookupError("taken already\nreally")
        seen_before.append(seen.body)

    delivered(qstash, shop(once))

    good, next_key = qstash.probe_signatures()

    assert good.what == (
        f"POST {HOOK} refuses a good signature (HTTP status 500): LookupError: taken already"
    )
    assert next_key.flaw == SignatureFlaw.REFUSED


def answering(*statuses: int) -> flask.Flask:
    """An app that answers so in turn, the last for ever."""
    left = list(statuses)
    app = flask.Flask("shop")
    app.post("/hook")(lambda: ("", left.pop(0) if len(left) > 1 else left[0]))
    return app


@pytest.mark.parametrize("status", [404, 405, 429, 500, 503])
def test_an_endpoint_that_answers_everything_alike_is_inconclusive(
    qstash: FakeQStash, status: int
) -> None:
    delivered(qstash, answering(200, status))

    (finding,) = qstash.probe_signatures()

    assert str(finding) == (
        f"inconclusive: POST {HOOK} answers everything alike (HTTP status {status}), which says "
        "nothing\n    probe it when it accepts one"
    )


def test_a_server_that_is_gone_is_inconclusive(qstash: FakeQStash) -> None:
    with LiveServer(APPS["FastAPI, coroutine"](careless)) as server:
        publish(qstash, f"{server.url}/hook")
        qstash.advance(0)

    findings = qstash.probe_signatures()

    assert told(findings) == [(SignatureFlaw.INCONCLUSIVE, ProbeKind.GOOD)]
    assert {each.status for each in findings.probes} == {None}


@pytest.mark.parametrize("status", [409, 503])
def test_another_answer_to_a_good_signature_is_inconclusive(
    qstash: FakeQStash, status: int
) -> None:
    delivered(qstash, answering(200, status, status, 401))

    findings = qstash.probe_signatures()

    assert told(findings) == [
        (SignatureFlaw.INCONCLUSIVE, ProbeKind.GOOD),
        (SignatureFlaw.INCONCLUSIVE, ProbeKind.NEXT_KEY),
    ]
    assert findings[0].what.endswith(f"with HTTP status {status}, which says nothing")


# --- what is probed ----------------------------------------------------------------------------


def two_endpoints(qstash: FakeQStash) -> Delivery:
    """One accepts, one refuses once and then accepts; the first of all deliveries."""
    qstash.mount("https://shop.test", answering(200))
    qstash.mount("https://mail.test", answering(403, 200))
    publish(qstash)
    publish(qstash, "https://mail.test/hook", body=b"first", retries=0)
    qstash.advance(0)
    return qstash.deliveries[0]


def urls(findings: SignatureFindings) -> set[str]:
    return {each.url for each in findings.probes}


def test_by_default_every_endpoint_that_has_accepted_is_probed_once(qstash: FakeQStash) -> None:
    two_endpoints(qstash)
    publish(qstash)
    qstash.advance(0)
    findings = qstash.probe_signatures()

    assert (urls(findings), len(findings.probes)) == ({HOOK}, 8)


@pytest.mark.parametrize("what", ["https://mail.test", "https://mail.test/hook"])
def test_a_url_is_probed_also_if_it_has_accepted_nothing(qstash: FakeQStash, what: str) -> None:
    two_endpoints(qstash)

    assert urls(qstash.probe_signatures(what)) == {"https://mail.test/hook"}


def test_a_delivery_is_probed_with_its_own_body(qstash: FakeQStash) -> None:
    bodies: list[bytes] = []
    delivered(qstash, shop(lambda seen: bodies.append(seen.body)), body=b"first")
    publish(qstash, body=b"second")
    qstash.advance(0)
    bodies.clear()

    qstash.probe_signatures(qstash.deliveries[0])

    assert bodies == [*[b"first"] * 3, b"first ", *[b"first"] * 4]


def test_of_several_the_latest_accepted_one_is_taken(qstash: FakeQStash) -> None:
    bodies: list[bytes] = []

    def check(seen: Seen) -> None:
        bodies.append(seen.body)
        if seen.body == b"bad":
            raise SignatureError("bad")

    delivered(qstash, shop(check), body=b"old")
    for body in (b"new", b"bad"):
        publish(qstash, body=body, retries=0)
        qstash.advance(0)
    bodies.clear()

    qstash.probe_signatures(HOOK)

    assert set(bodies) == {b"new", b"new "}


FIRST = "and so nothing to try again: deliver to the app, then probe it"
SCRIPTED = "is answered by a script, which checks what the test says: mount the app to probe it"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        (None, f"there is no delivery that an app accepted, {FIRST}"),
        ("https://mail.test", f"there is no delivery to https://mail.test, {FIRST}"),
        (HOOK, f"{HOOK} {SCRIPTED}"),
    ],
)
def test_nothing_to_probe_is_refused(qstash: FakeQStash, what: str | None, text: str) -> None:
    qstash.destination(HOOK).responds(200)
    publish(qstash)
    qstash.advance(0)

    with pytest.raises(UsageError) as raised:
        qstash.probe_signatures(what)

    assert str(raised.value) == text
    assert qstash.destination(HOOK).received == 1


def test_an_app_that_is_gone_cannot_be_probed(qstash: FakeQStash) -> None:
    before = qstash.snapshot()
    delivered(qstash, shop(careless))
    delivery = qstash.deliveries[0]
    qstash.restore(before)

    with pytest.raises(UsageError, match=f"nothing serves {HOOK} any more: mount the app again"):
        qstash.probe_signatures(delivery)


# --- what it leaves alone ----------------------------------------------------------------------


@pytest.fixture
def untouched(qstash: FakeQStash) -> Iterator[None]:
    """All that the fake knows is as before, and so is what it will do."""

    def state() -> tuple[object, ...]:
        shown = (qstash.timeline(), qstash.now, list(qstash.deliveries), str(qstash.audit()))
        return (*shown, len(qstash.messages), str(qstash.upcoming("7d")))

    delivered(qstash, shop(lambda seen: verify(seen, url=None)))
    publish(qstash, delay=5_000)
    before = state()
    yield
    assert state() == before
    assert publish(qstash) == the_third_id()


def the_third_id() -> str:
    """That of a fake in which nothing was probed."""
    with FakeQStash() as other:
        delivered(other, shop(careless))
        publish(other, delay=5_000)
        return publish(other)


@pytest.mark.qstash(strict=True)
def test_nothing_of_the_fake_changes(qstash: FakeQStash, untouched: None) -> None:
    assert qstash.probe_signatures()


@pytest.mark.asyncio
async def test_the_twin_finds_the_same(qstash: FakeQStash) -> None:
    qstash.mount("https://shop.test", APPS["FastAPI, coroutine"](without_url))
    qstash.mount("https://mail.test", answering(200))
    publish(qstash, body=b"tea")
    publish(qstash, "https://mail.test/hook")
    await qstash.advance_async(0)

    findings = await qstash.probe_signatures_async()

    assert told(findings) == [
        (SignatureFlaw.ACCEPTED, ProbeKind.WRONG_URL),
        *((SignatureFlaw.ACCEPTED, kind) for kind in FORGED),
    ]
    with pytest.raises(RunningLoopError):
        qstash.probe_signatures()


def test_a_handler_cannot_probe(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        qstash.probe_signatures()

    delivered(qstash, shop(careless))
    qstash.mount("https://shop.test", shop(check))
    publish(qstash, retries=0)
    with pytest.raises(NestedMoveError) as raised:
        qstash.advance(0)

    assert str(raised.value).startswith("probe_signatures() was called from inside a delivery")


def test_a_handler_cannot_move_time_in_a_probe(qstash: FakeQStash) -> None:
    told_to_move: list[int] = []

    def check(seen: Seen) -> None:
        if told_to_move:
            qstash.advance("1h")
        told_to_move.append(1)

    delivered(qstash, shop(check))
    findings = qstash.probe_signatures()

    assert {type(each.exception) for each in findings.probes} == {NestedMoveError}
    qstash.advance("1h")
