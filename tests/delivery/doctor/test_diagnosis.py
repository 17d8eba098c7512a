"""What the doctor says of apps that check a delivery in one wrong way or another."""

import json
from collections.abc import Callable
from typing import Any

import flask
import jwt
import pytest
from freezegun import freeze_time
from qstash import Receiver
from qstash.errors import SignatureError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fakestash import Diagnosis, FakeQStash, LiveServer, RefusalCause
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS
from tests.delivery.doctor.apps import (
    APPS,
    Check,
    Seen,
    delivered,
    django_serves,
    fastapi_app,
    flask_app,
    verify,
)

CURRENT, NEXT = DEFAULT_USER.keys
STRANGE = "sig_a_key_from_the_real_service_0"


def diagnosis(qstash: FakeQStash) -> Diagnosis:
    (delivery,) = qstash.deliveries
    assert delivery.diagnosis is not None
    return delivery.diagnosis


def told(qstash: FakeQStash, check: Check, body: bytes = b'{"id":7}') -> str:
    delivered(qstash, fastapi_app(check), body=body)
    return str(diagnosis(qstash))


# --- in every framework ------------------------------------------------------------------------


MADE_ANEW = """\
the body that was verified is not the one that was sent: it is the same JSON, written in another way
(the official receiver says 'Error while decoding signature: Signature verification failed': \
that is about its second key)
    sent     '{"id":7}'
    checked  '{"id": 7}'
    verify the body as it came: (await request.body()).decode() in FastAPI, \
request.get_data(as_text=True) in Flask, request.body.decode() in Django"""


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
def test_a_body_that_was_made_anew(qstash: FakeQStash, make: Callable[[Check], Any]) -> None:
    def check(seen: Seen) -> None:
        verify(seen, body=json.dumps(json.loads(seen.body)))

    with django_serves(check):
        delivered(qstash, make(check))

    found = diagnosis(qstash)
    assert str(found) == MADE_ANEW
    assert (found.cause, found.is_certain, found.part) == (RefusalCause.BODY, True, None)
    assert (found.sent, found.checked) == ("'{\"id\":7}'", "'{\"id\": 7}'")
    assert found.advice.startswith("verify the body as it came")


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
def test_a_signature_that_holds_needs_no_diagnosis(
    qstash: FakeQStash, make: Callable[[Check], Any]
) -> None:
    with django_serves(verify):
        delivered(qstash, make(verify))

    (delivery,) = qstash.deliveries
    assert (delivery.status, delivery.diagnosis) == (200, None)


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
def test_a_verdict_that_became_a_500(qstash: FakeQStash, make: Callable[[Check], Any]) -> None:
    def check(seen: Seen) -> None:
        try:
            verify(seen, url=seen.url + "/")
        except SignatureError as error:
            raise RuntimeError("no") from error

    with django_serves(check):
        delivered(qstash, make(check))

    assert (qstash.deliveries[0].status, diagnosis(qstash).part) == (500, "trailing slash")


# --- the URL -----------------------------------------------------------------------------------


def test_a_url_with_another_scheme(qstash: FakeQStash) -> None:
    assert told(qstash, lambda seen: verify(seen, url="http://shop.test/hook")) == (
        """\
the URL that was verified is not the one that was signed: its scheme differs
(the official receiver says 'Error while decoding signature: Signature verification failed': \
that is about its second key)
    sent     'https://shop.test/hook'
    checked  'http://shop.test/hook'
    verify the URL that messages are published to, e.g. from a setting, and not the one that the \
app is reached by behind a proxy"""
    )


def test_all_that_is_wrong_is_told_in_the_order_of_the_check(qstash: FakeQStash) -> None:
    told(qstash, lambda seen: verify(seen, url="https://127.0.0.1/hook", body="{}"))

    problems = diagnosis(qstash).problems
    assert [each.cause for each in problems] == ["url", "body"]
    assert "\nand the body that was verified is not" in str(diagnosis(qstash))


# --- the key -----------------------------------------------------------------------------------


def test_keys_from_elsewhere(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        Receiver(STRANGE, f' "{CURRENT}"').verify(
            signature=seen.headers["Upstash-Signature"], body=seen.body.decode(), url=seen.url
        )

    assert told(qstash, check) == (
        """\
neither key of the app is the one that signed
    sent     'sig_7kYj...6r', the key that signed (QSTASH_CURRENT_SIGNING_KEY)
    checked  current_signing_key 'sig_a_ke..._0', a key that this fake does not know; \
next_signing_key ' "sig_7k...r"', the key that signed, with blanks or quotes around it
    take the blanks or quotes away where the key is set"""
    )


def test_the_next_key_alone(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        Receiver(NEXT, PREDEFINED_USERS[1].keys.next).verify(
            signature=seen.headers["Upstash-Signature"], body=seen.body.decode(), url=seen.url
        )

    told(qstash, check)

    assert diagnosis(qstash).checked == (
        "current_signing_key 'sig_5ZB6...hs', the fake's next key (QSTASH_NEXT_SIGNING_KEY); "
        "next_signing_key 'sig_5NoE...Ua', testUser1's next key"
    )


def test_keys_that_have_been_rotated_away(qstash: FakeQStash) -> None:
    qstash.engine.rotate_signing_keys(DEFAULT_USER.id)
    qstash.engine.rotate_signing_keys(DEFAULT_USER.id)
    told(qstash, verify)

    assert diagnosis(qstash).checked.startswith(
        "current_signing_key 'sig_7kYj...6r', the fake's current key as it was before it was "
        "rotated (QSTASH_CURRENT_SIGNING_KEY); "
    )


def test_a_receiver_with_the_keys_the_other_way_round_is_right(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        Receiver(STRANGE, CURRENT).verify(
            signature=seen.headers["Upstash-Signature"], body="{}", url=seen.url
        )

    told(qstash, check)

    assert diagnosis(qstash).cause == "body"


# --- time --------------------------------------------------------------------------------------


@pytest.mark.qstash(sign_with_virtual_time=True)
def test_a_signature_of_the_fakes_clock_that_has_expired(qstash: FakeQStash) -> None:
    with freeze_time("2026-01-01T00:06:00"):
        assert told(qstash, verify) == (
            """\
the signature had expired by the clock that the app sees
(the official receiver says 'Error while decoding signature: Signature verification failed': \
that is about its second key)
    sent     good from 2026-01-01T00:00:00Z to 2026-01-01T00:05:00Z
    checked  at 2026-01-01T00:06:00Z, 1 m too late
    signatures are stamped with the fake's clock (sign_with_virtual_time): have the app's clock \
follow it (freeze=True), or leave that out"""
        )


@pytest.mark.qstash(sign_with_virtual_time=True)
def test_a_signature_of_the_fakes_clock_from_the_future(qstash: FakeQStash) -> None:
    with freeze_time("2025-12-31T23:59:30"):
        told(qstash, verify)

    found = diagnosis(qstash)
    assert found.cause == RefusalCause.NOT_YET_VALID
    assert found.checked == "at 2025-12-31T23:59:30Z, 30 s too early"


@pytest.mark.qstash(sign_with_virtual_time=True, freeze=True)
def test_a_signature_of_the_fakes_clock_holds_where_the_app_sees_it(qstash: FakeQStash) -> None:
    qstash.advance("30d")
    delivered(qstash, fastapi_app(verify))

    assert qstash.deliveries[0].status == 200


@pytest.mark.qstash(freeze=True)
def test_a_clock_that_is_frozen_elsewhere_by_the_app(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        with freeze_time("2027-01-01"):
            verify(seen)

    told(qstash, check)

    found = diagnosis(qstash)
    assert found.headline == "the signature had expired by the clock that the app sees"
    assert found.checked == "at 2027-01-01T00:00:00Z, 364 d 23 h 55 m too late"
    assert found.advice.startswith("something moved the app's clock between the signing and")


# --- the header --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "what", "checked"),
    [
        (
            lambda headers: headers.get("X-Signature"),
            "no signature was verified: the app did not find it",
            "None",
        ),
        (
            lambda headers: headers["Upstash-Message-Id"],
            "the signature that was verified is not the one that was sent",
            "'msg_7YoJ...bd', which is the header Upstash-Message-Id",
        ),
        (
            lambda headers: f"Bearer {headers['Upstash-Signature']}",
            "the signature that was verified has something around it",
            "'Bearer <signature>'",
        ),
        (
            lambda headers: "x.y.z",
            "the signature that was verified is not the one that was sent",
            "'x.y.z'",
        ),
        (
            lambda headers: 7,
            "the signature that was verified is no text but int",
            "7",
        ),
    ],
)
def test_another_header(
    qstash: FakeQStash, read: Callable[[Any], Any], what: str, checked: str
) -> None:
    told(qstash, lambda seen: verify(seen, signature=read(seen.headers)))

    found = diagnosis(qstash)
    assert (found.cause, found.headline) == (RefusalCause.SIGNATURE, what)
    assert found.checked == checked
    assert found.advice == 'read the header "Upstash-Signature", which every delivery has, whole'


def test_a_token_as_bytes_is_the_token(qstash: FakeQStash) -> None:
    told(
        qstash,
        lambda seen: verify(seen, signature=seen.headers["Upstash-Signature"].encode(), body=""),
    )

    assert diagnosis(qstash).cause == "body"


@pytest.mark.parametrize(
    ("raised", "headline"),
    [
        (KeyError("x-signature"), "the app found no signature under the name 'x-signature'"),
        (
            KeyError("HTTP_UPSTASH_SIGNATURE"),
            "the app found no signature under the name 'HTTP_UPSTASH_SIGNATURE'",
        ),
        (KeyError("SIGNING_KEY"), "the app found no signing key under the name 'SIGNING_KEY'"),
    ],
)
def test_something_is_looked_up_in_vain(
    qstash: FakeQStash, raised: Exception, headline: str
) -> None:
    def check(seen: Seen) -> None:
        raise raised

    told(qstash, check)

    assert (diagnosis(qstash).headline, diagnosis(qstash).is_certain) == (headline, True)


# --- what apps raise ---------------------------------------------------------------------------


@pytest.mark.parametrize("raised", [KeyError("id"), KeyError(), LookupError("no tea")])
def test_what_an_app_raises_for_reasons_of_its_own_is_not_diagnosed(
    qstash: FakeQStash, raised: Exception
) -> None:
    def check(seen: Seen) -> None:
        raise raised

    delivered(qstash, fastapi_app(check))

    assert (qstash.deliveries[0].exception, qstash.deliveries[0].diagnosis) == (raised, None)


def test_nor_is_it_after_the_receiver_has_accepted(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        verify(seen)
        raise KeyError("signature of the parcel")

    delivered(qstash, fastapi_app(check))

    assert qstash.deliveries[0].diagnosis is None


def test_a_body_that_is_no_text(qstash: FakeQStash) -> None:
    told(qstash, verify, body=b"\xff\xfe")

    assert diagnosis(qstash).headline == "the body is no UTF-8, and the app decodes it to verify it"


def test_bytes_where_the_receiver_takes_text(qstash: FakeQStash) -> None:
    told(qstash, lambda seen: verify(seen, body=seen.body))

    found = diagnosis(qstash)
    assert found.headline.endswith("was sent: verify() takes text and got bytes")
    assert (found.checked, found.advice) == ("b'{\"id\":7}'", "decode it as UTF-8: body.decode()")


def test_a_call_of_the_receiver_that_cannot_be_is_no_verdict(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        verify(seen, body="{}", key="?")

    delivered(qstash, fastapi_app(check))

    assert isinstance(qstash.deliveries[0].exception, TypeError)
    assert qstash.deliveries[0].diagnosis is None


# --- PyJWT by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "options", "cause"),
    [
        (STRANGE, {}, RefusalCause.KEY),
        (CURRENT, {"issuer": "upstash"}, RefusalCause.ISSUER),
        (CURRENT, {"subject": "http://shop.test/hook"}, RefusalCause.URL),
    ],
)
def test_pyjwt_by_hand(
    qstash: FakeQStash, key: str, options: dict[str, Any], cause: RefusalCause
) -> None:
    def check(seen: Seen) -> None:
        jwt.decode(seen.headers["Upstash-Signature"], key, algorithms=["HS256"], **options)

    told(qstash, check)

    assert (diagnosis(qstash).cause, diagnosis(qstash).is_certain) == (cause, True)


def test_pyjwt_by_hand_says_what_was_expected(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        jwt.decode(seen.headers["Upstash-Signature"], STRANGE, algorithms=["HS256"])

    assert told(qstash, check).splitlines()[:3] == [
        "the key of the app is not the one that signed",
        "    sent     'sig_7kYj...6r', the key that signed (QSTASH_CURRENT_SIGNING_KEY)",
        "    checked  key 'sig_a_ke..._0', a key that this fake does not know",
    ]


# --- what nobody saw ---------------------------------------------------------------------------


def refusing(status: int, body: str = "", **headers: str) -> flask.Flask:
    app = flask.Flask("shop")
    app.post("/<path:rest>")(lambda rest: (body, status, headers))
    return app


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_that_nothing_is_known_of(qstash: FakeQStash, status: int) -> None:
    delivered(qstash, refusing(status), body=b"tea")

    assert not diagnosis(qstash).is_certain
    assert diagnosis(qstash).cause == RefusalCause.UNKNOWN
    assert diagnosis(qstash).sent == diagnosis(qstash).checked == diagnosis(qstash).advice == ""
    assert str(diagnosis(qstash)) == (
        f"""\
the app answered {status}; what it checked could not be seen
as it was sent, the official receiver accepts it:
    key  'sig_7kYj...6r'
    url  'https://shop.test/hook'
    body of 3 bytes"""
    )


@pytest.mark.parametrize("status", [200, 302, 400, 404, 503])
def test_other_answers_are_no_refusals(qstash: FakeQStash, status: int) -> None:
    delivered(qstash, refusing(status))

    assert qstash.deliveries[0].diagnosis is None


@pytest.mark.qstash(sign_with_virtual_time=True)
def test_what_would_explain_it_is_listed(
    qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QSTASH_CURRENT_SIGNING_KEY", STRANGE)
    with freeze_time("2026-01-01T01:00:00"):
        delivered(qstash, refusing(401), url="https://shop.test/a%20b?c")

    assert str(diagnosis(qstash)) == (
        """\
the app answered 401; what it checked could not be seen
as it was sent, the official receiver refuses it:
    key  'sig_7kYj...6r'
    url  'https://shop.test/a%20b?c'
    body of 8 bytes
what may be the reason:
- the signature had expired by the clock that the app sees
    sent     good from 2026-01-01T00:00:00Z to 2026-01-01T00:05:00Z
    maybe    at 2026-01-01T01:00:00Z, 55 m too late
    signatures are stamped with the fake's clock (sign_with_virtual_time): have the app's clock \
follow it (freeze=True), or leave that out
- QSTASH_CURRENT_SIGNING_KEY holds another key in this process
    sent     'sig_7kYj...6r', the key that signed
    maybe    'sig_a_ke..._0', a key that this fake does not know (QSTASH_CURRENT_SIGNING_KEY)
    set what qstash.environment holds before the app reads it
- the URL as frameworks rebuild it is not the one that was signed
    sent     'https://shop.test/a%20b?c'
    maybe    'https://shop.test/a b?c'
    publish to the URL as the app's framework writes it
- the body is JSON that Python writes in another way: made anew it does not verify
    sent     '{"id":7}'
    maybe    '{"id": 7}'
    verify the body as it came"""
    )


def test_of_another_process_nothing_is_suspected_from_this_ones_variables(
    qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=401)(scope, receive, send)

    monkeypatch.delenv("QSTASH_CURRENT_SIGNING_KEY")
    with LiveServer(refuse) as server:
        url = f"{server.url}/hook"
        qstash.engine.publish(DEFAULT_USER.id, PublishCommand(url, b"tea"))
        qstash.advance(0)

    assert str(diagnosis(qstash)).splitlines()[1:4] == [
        "as it was sent, the official receiver accepts it:",
        "    key  'sig_7kYj...6r'",
        f"    url  {url!r}",
    ]
    assert diagnosis(qstash).problems == ()


def test_keys_that_are_not_set_are_suspected(
    qstash: FakeQStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QSTASH_CURRENT_SIGNING_KEY")
    delivered(qstash, refusing(401), body=b"tea")

    (problem,) = diagnosis(qstash).problems
    assert problem.what == "QSTASH_CURRENT_SIGNING_KEY is not set in this process"


@pytest.mark.qstash(sign_with_virtual_time=True)
def test_a_token_from_the_future_is_suspected(qstash: FakeQStash) -> None:
    with freeze_time("2025-12-31"):
        delivered(qstash, refusing(401), body=b"tea")

    assert diagnosis(qstash).cause == RefusalCause.NOT_YET_VALID


@pytest.mark.parametrize(
    ("app", "cause", "headline"),
    [
        (
            refusing(403, "<h1>CSRF verification failed</h1>"),
            RefusalCause.CSRF,
            "the answer speaks of CSRF: the framework refused before the app checked anything",
        ),
        (
            refusing(401, **{"WWW-Authenticate": "Basic"}),
            RefusalCause.ELSEWHERE,
            "the answer asks for other credentials (WWW-Authenticate: Basic)",
        ),
    ],
)
def test_an_answer_that_says_why(
    qstash: FakeQStash, app: flask.Flask, cause: RefusalCause, headline: str
) -> None:
    delivered(qstash, app)

    assert (diagnosis(qstash).cause, diagnosis(qstash).headline) == (cause, headline)


def test_a_refusal_after_the_receiver_has_accepted(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        verify(seen)
        raise SignatureError("not for you")

    assert told(qstash, check) == (
        "the official receiver took the signature for good; what refused it came after that"
    )
    assert diagnosis(qstash).cause == RefusalCause.ELSEWHERE


def test_a_script_that_refuses_is_not_diagnosed(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook").responds(401)
    delivered(qstash, flask_app(verify))

    assert (qstash.deliveries[0].status, qstash.deliveries[0].diagnosis) == (401, None)


def test_a_scripted_function_that_verifies_is(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook").responds(
        lambda seen: verify(Seen(seen.headers, seen.body, seen.url), body="")
    )
    delivered(qstash, flask_app(verify))

    assert diagnosis(qstash).headline.endswith("was sent: it is empty")


def test_going_back_keeps_it(qstash: FakeQStash) -> None:
    before = told(qstash, lambda seen: verify(seen, body=""))
    snapshot = qstash.snapshot()
    qstash.advance("1d")
    qstash.restore(snapshot)

    assert str(diagnosis(qstash)) == before


def test_there_is_none_before_the_answer_counts(qstash: FakeQStash) -> None:
    qstash.destination("https://shop.test/hook").responds(
        lambda seen: verify(Seen(seen.headers, seen.body, seen.url), body=""), took="5s"
    )
    delivered(qstash, flask_app(verify))

    assert qstash.deliveries[0].diagnosis is None


# --- as text on demand -------------------------------------------------------------------------


def test_troubles_tell_why_apps_refused_and_what_they_raised(qstash: FakeQStash) -> None:
    def check(seen: Seen) -> None:
        if seen.body == b"tea":
            raise LookupError("no tea")
        verify(seen, body="")

    assert qstash.troubles() == ""
    delivered(qstash, fastapi_app(check), body=b"tea")
    delivered(qstash, fastapi_app(check), body=b"milk")
    refused, raised = qstash.troubles().split("\n\n")

    reason = qstash.deliveries[1].diagnosis
    assert refused == f"refused by POST https://shop.test/hook, attempt 1:\n{reason}"
    assert raised.startswith("raised by POST https://shop.test/hook, attempt 1:\nTraceback")
    assert raised.endswith("LookupError: no tea")
    assert qstash.troubles(told=refused) == raised
    assert qstash.troubles(told=refused, raised=qstash.deliveries[0].exception) == ""
