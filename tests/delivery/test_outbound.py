"""The request that goes out: its header fields to the letter, and how long its token is good."""

from datetime import UTC

import jwt
import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from qstash import Receiver

from fakestash.delivery import outbound
from fakestash.delivery.courier import Courier
from fakestash.delivery.outbound import OutboundRequest
from fakestash.drive.manual import ManualDriver
from fakestash.ids import inner_id
from fakestash.model.messages import Attempt, Message, PublishCommand
from fakestash.model.outcomes import HeaderItems
from fakestash.model.settings import Extras
from fakestash.model.users import DEFAULT_USER
from tests.builders import BROKEN, OK, START, USER, Stage
from tests.delivery.requests import AT, a_request

KEYS = DEFAULT_USER.keys
SIGNED = {
    "Upstash-Caller-Ip": "127.0.0.1",
    "Upstash-Message-Id": "msg_1",
    "Upstash-Region": "EU-CENTRAL-1",
    "Upstash-Retried": "0",
}


def unsigned(request: OutboundRequest) -> HeaderItems:
    """The header fields without the token."""
    return tuple(item for item in request.headers.items_in_order if item[0] != "Upstash-Signature")


def claims(request: OutboundRequest) -> dict[str, object]:
    """What the token says, whoever it is good for."""
    decoded: dict[str, object] = jwt.decode(
        request.headers["Upstash-Signature"], options={"verify_signature": False}
    )
    return decoded


# --- the header fields -----------------------------------------------------------------------


@pytest.mark.fidelity(
    "deliveries: the header fields, with `Upstash-Message-Id` and `Upstash-Retried`", "measured"
)
def test_the_header_fields_are_these_in_this_order() -> None:
    command = PublishCommand(
        "https://shop.test:8443/hook?x=1#top",
        b'{"a":1}',
        headers=(
            ("X-Trace", "2"),
            ("Content-Type", "application/json"),
            ("Zebra", ""),
            ("Authorization", "Bearer secret"),
            ("X-Trace", "1"),
        ),
        caller_ip="10.1.2.3",
    )
    message = Message("msg_7", "defaultUser", command, AT, AT, AT)
    request = OutboundRequest(
        Attempt(message, 2, AT, 1_000, KEYS.current, nonce=5), "US-EAST-1", signed_at=1_767_225_600
    )

    token = jwt.encode(
        {
            "aud": "",
            "body": "AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX-GI=",
            "exp": 1_767_225_900,
            "iat": 1_767_225_600,
            "iss": "Upstash",
            "jti": f"jwt_{inner_id(5)}",
            "nbf": -62_135_596_800,
            "sub": "https://shop.test:8443/hook?x=1#top",
        },
        KEYS.current,
    )
    assert request.headers.items_in_order == (
        ("Host", "shop.test:8443"),
        ("User-Agent", "Upstash-QStash"),
        ("Content-Length", "7"),
        ("Authorization", "Bearer secret"),
        ("Content-Type", "application/json"),
        ("Upstash-Caller-Ip", "10.1.2.3"),
        ("Upstash-Message-Id", "msg_7"),
        ("Upstash-Region", "US-EAST-1"),
        ("Upstash-Retried", "2"),
        ("Upstash-Signature", token),
        ("X-Trace", "2"),
        ("X-Trace", "1"),
        ("Zebra", ""),
        ("Accept-Encoding", "gzip"),
    )


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("POST", b"", "0"),
        ("PUT", b"", "0"),
        ("PATCH", b"", "0"),
        ("GET", b"", None),
        ("DELETE", b"", None),
        ("POST", b"abc", "3"),
        ("GET", b"abc", "3"),
        ("DELETE", "ä".encode(), "2"),
    ],
)
def test_the_length_is_told_of_a_body_and_where_one_is_expected(
    method: str, body: bytes, length: str | None
) -> None:
    request = a_request(method=method, body=body)

    assert request.headers.get("Content-Length") == length
    assert (request.method, request.body) == (method, body)


def test_a_request_without_forwarded_headers_has_only_those_of_the_service() -> None:
    assert unsigned(a_request(method="GET")) == (
        ("Host", "shop.test"),
        ("User-Agent", "Upstash-QStash"),
        *SIGNED.items(),
        ("Accept-Encoding", "gzip"),
    )


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "User-Agent",
        "Content-Length",
        "Accept-Encoding",
        "Transfer-Encoding",
        "Trailer",
        "Upstash-Topic-Name",
        "Upstash-Schedule-Id",
        *SIGNED,
    ],
)
def test_the_headers_of_the_service_win_over_forwarded_ones(name: str) -> None:
    request = a_request(headers=((name, "mine"), ("X-Other", "kept")))

    assert unsigned(request) == (
        ("Host", "shop.test"),
        ("User-Agent", "Upstash-QStash"),
        ("Content-Length", "0"),
        *SIGNED.items(),
        ("X-Other", "kept"),
        ("Accept-Encoding", "gzip"),
    )


def a_request_with(extras: Extras, headers: HeaderItems = ()) -> OutboundRequest:
    command = PublishCommand("https://shop.test/hook", headers=headers, extras=extras)
    message = Message("msg_1", "defaultUser", command, AT, AT, AT)
    return OutboundRequest(Attempt(message, 0, AT, 1_000, KEYS.current, nonce=1), "EU-CENTRAL-1")


@pytest.mark.fidelity("deliveries: `Upstash-Topic-Name`, `Upstash-Schedule-Id`", "docs")
def test_group_and_schedule_are_told_among_the_others_by_name() -> None:
    request = a_request_with(
        Extras(topic="shops", endpoint="first", schedule_id="scd_1", queue="orders"),
        headers=(("Upstash-Schedule-Id", "mine"), ("Upstash-Topic-Name", "mine"), ("X", "1")),
    )

    assert unsigned(request) == (
        ("Host", "shop.test"),
        ("User-Agent", "Upstash-QStash"),
        ("Content-Length", "0"),
        *SIGNED.items(),
        ("Upstash-Schedule-Id", "scd_1"),
        ("Upstash-Topic-Name", "shops"),
        ("X", "1"),
        ("Accept-Encoding", "gzip"),
    )


@pytest.mark.fidelity("deliveries: settings do not go along", "measured")
@pytest.mark.parametrize(
    ("extras", "told"),
    [
        (Extras(topic="shops"), {"Upstash-Topic-Name": "shops"}),
        (Extras(schedule_id="scd_1"), {"Upstash-Schedule-Id": "scd_1"}),
        (Extras(queue="orders"), {}),
    ],
)
def test_only_where_a_message_comes_from_is_told(extras: Extras, told: dict[str, str]) -> None:
    assert unsigned(a_request_with(extras)) == (
        ("Host", "shop.test"),
        ("User-Agent", "Upstash-QStash"),
        ("Content-Length", "0"),
        *SIGNED.items(),
        *told.items(),
        ("Accept-Encoding", "gzip"),
    )


def test_a_forwarded_signature_is_not_sent() -> None:
    request = a_request(headers=(("Upstash-Signature", "forged"),))

    assert len(request.headers.get_all("Upstash-Signature")) == 1
    assert request.headers["Upstash-Signature"] != "forged"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.test", "shop.test"),
        ("https://Shop.Test:443/x", "Shop.Test:443"),
        ("http://me:pw@shop.test:81/x", "shop.test:81"),
        ("http://[::1]:8000/x", "[::1]:8000"),
    ],
)
def test_the_host_is_that_of_the_url(url: str, host: str) -> None:
    request = a_request(url)

    assert (request.headers["Host"], request.url) == (host, url)


def test_the_attempt_shows_in_the_request() -> None:
    stage = Stage(BROKEN, OK)
    message = stage.publish(retries=1)
    stage.driver.run_until_idle()

    assert [
        (request.retried, request.message_id, request.headers["Upstash-Retried"])
        for request in stage.destination.requests
    ] == [(0, message.id, "0"), (1, message.id, "1")]


def test_a_json_body_can_be_read() -> None:
    assert a_request(body=b'{"a": [1, null]}').json() == {"a": [1, None]}


# --- the token -------------------------------------------------------------------------------


def test_every_attempt_has_a_token_of_its_own() -> None:
    stage = Stage(BROKEN, OK)
    stage.publish(retries=1)
    stage.driver.run_until_idle()

    first, second = (claims(request)["jti"] for request in stage.destination.requests)
    assert first != second


def test_a_token_is_made_only_when_the_headers_are_read_and_then_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def sign(key: str, **_: object) -> str:
        made.append(key)
        return "token"

    monkeypatch.setattr(outbound, "sign", sign)
    request = a_request()

    before = list(made)
    assert request.headers is request.headers

    assert (before, made) == ([], [KEYS.current])


@pytest.mark.fidelity("signature: accepted by the official receiver", "sdk")
@freeze_time("2026-01-01T00:00:00Z")
@pytest.mark.parametrize("body", ["", "hello", '{"ä": 1}'])
def test_the_official_receiver_accepts_the_token(body: str) -> None:
    request = a_request("https://shop.test/hook?x=%20", body=body.encode())

    Receiver(KEYS.current, KEYS.next).verify(
        signature=request.headers["Upstash-Signature"], body=body, url=request.url
    )


@freeze_time("2026-01-01T00:00:00Z")
def test_a_receiver_that_has_rotated_accepts_what_is_on_its_way() -> None:
    stage = Stage(BROKEN, OK)
    stage.publish(retries=1)
    stage.advance(0)
    rotated = stage.engine.rotate_signing_keys(USER)
    stage.driver.run_until_idle()

    old_receiver, new_receiver = Receiver(*KEYS), Receiver(*rotated)
    before, after = (request.headers["Upstash-Signature"] for request in stage.destination.requests)
    old_receiver.verify(signature=before, body="")
    old_receiver.verify(signature=after, body="")
    new_receiver.verify(signature=after, body="")


@pytest.mark.parametrize("now", ["2001-02-03T04:05:06Z", "2050-02-03T04:05:06Z"])
def test_a_receiver_in_a_process_whose_time_is_frozen_accepts_the_token(now: str) -> None:
    with freeze_time(now) as frozen:
        request = a_request()
        seconds = int(frozen.time_to_freeze.replace(tzinfo=UTC).timestamp())
        Receiver(*KEYS).verify(signature=request.headers["Upstash-Signature"], body="")

    assert (claims(request)["iat"], claims(request)["exp"]) == (seconds, seconds + 300)


@pytest.mark.fidelity(
    "signature: times are those of the attempt",
    "measured",
    verdict="different",
    here=(
        "those that the receiving code sees, not the fake's; "
        "`sign_with_virtual_time=True` takes the fake's"
    ),
)
def test_a_token_carries_the_time_at_which_the_request_was_made() -> None:
    with freeze_time("2026-01-01T00:00:00Z") as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        request = a_request()
        frozen.tick(100)

        assert claims(request)["iat"] == 1_767_225_600


def test_a_token_may_carry_virtual_time_instead() -> None:
    stage = Stage()
    courier = Courier(stage.router, region="EU-CENTRAL-1", sign_with_virtual_time=True)
    stage.publish(delay=5_999)
    with freeze_time("2001-02-03T04:05:06Z"):
        ManualDriver(stage.engine, courier).run_until_idle()

    (request,) = stage.destination.requests
    assert (claims(request)["iat"], claims(request)["exp"]) == (
        START // 1_000 + 5,
        START // 1_000 + 305,
    )


# --- requests that leave the process ---------------------------------------------------------


@pytest.mark.parametrize(
    ("process", "machine", "life"),
    [
        (1_000, 1_000.0, (1_000, 1_300)),
        (1_000, 1_000.9, (1_000, 1_300)),
        (1_000, 5_000.5, (1_000, 5_300)),
        (5_000, 1_000.5, (1_000, 5_300)),
    ],
)
def test_a_token_that_leaves_the_process_is_good_for_both_clocks(
    monkeypatch: pytest.MonkeyPatch, process: int, machine: float, life: tuple[int, int]
) -> None:
    monkeypatch.setattr(outbound, "process_seconds", lambda: process)
    monkeypatch.setattr(outbound, "machine_seconds", lambda: machine)
    request = a_request()

    request.leaves_process()

    assert (claims(request)["iat"], claims(request)["exp"]) == life


def test_virtual_time_and_the_machines_are_both_covered_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbound, "machine_seconds", lambda: 1_000.0)
    request = OutboundRequest(a_request().attempt, "EU-CENTRAL-1", signed_at=9_000)

    request.leaves_process()

    assert (claims(request)["iat"], claims(request)["exp"]) == (1_000, 9_300)
