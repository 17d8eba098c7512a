"""The application around the service: bodies in pieces, defects, other routes."""

import json
import logging

import pytest

from fakestash.api.app import create_app
from fakestash.api.openapi import openapi_document
from fakestash.model.messages import Message, PublishCommand
from tests.api.client import (
    BEARER,
    Api,
    Event,
    Exchange,
    error_response,
    json_response,
    response_of,
    run,
    scope_of,
)
from tests.builders import Stage

PUBLISH = "/v2/publish/https://shop.test/hook"
TOO_LARGE = error_response(413, "request body too large")
DEFECT = error_response(500, "internal server error")


def piece(body: bytes, *, is_last: bool = False) -> Event:
    return {"type": "http.request", "body": body, "more_body": not is_last}


# --- body ----------------------------------------------------------------------------------


def publish(api: Api, *events: Event, length: str | None = None) -> Exchange:
    header = [BEARER] if length is None else [BEARER, ("Content-Length", length)]
    return run(api.app, scope_of("POST", PUBLISH, header), *events)


@pytest.mark.parametrize(
    ("events", "body"),
    [
        ([{"type": "http.request"}], b""),
        ([piece(b"hi", is_last=True)], b"hi"),
        ([piece(b"h"), piece(b""), piece(b"i"), piece(b"", is_last=True)], b"hi"),
        ([piece(b""), {"type": "http.request"}], b""),
    ],
)
def test_a_body_may_come_in_pieces(events: list[Event], body: bytes) -> None:
    api = Api()

    assert response_of(publish(api, *events)).status == 201
    assert [message.command.body for message in api.engine.pending()] == [body]


def test_a_client_that_leaves_is_not_answered_and_publishes_nothing() -> None:
    api = Api()
    before = api.state()

    for events in ([{"type": "http.disconnect"}], [piece(b"h"), {"type": "http.disconnect"}]):
        assert publish(api, *events).sent == []
    assert api.state() == before


def test_a_body_that_is_announced_too_large_is_not_read() -> None:
    api = Api()
    exchange = publish(api, piece(b"h"), piece(b"i", is_last=True), length="104857601")

    assert response_of(exchange) == TOO_LARGE
    assert exchange.unread == [piece(b"i", is_last=True)]
    assert api.engine.pending() == []


@pytest.mark.fidelity("refusals: a call of more than 100 MB", "docs")
@pytest.mark.parametrize("length", [None, "0", "x", "104857600"])
def test_a_body_that_grows_too_large_is_not_read_to_its_end(length: str | None) -> None:
    api = Api()
    part = b"x" * 52_428_801
    exchange = publish(api, piece(part), piece(part), piece(b"", is_last=True), length=length)

    assert response_of(exchange) == TOO_LARGE
    assert exchange.unread == [piece(b"", is_last=True)]


def test_a_single_piece_may_be_too_large() -> None:
    assert response_of(publish(Api(), piece(b"x" * 104_857_601, is_last=True))) == TOO_LARGE


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/v2/keys"), ("DELETE", "/v2/dlq/x"), ("POST", "/v2/queues/q/pause")],
)
def test_a_body_that_nobody_wants_is_not_read(method: str, target: str) -> None:
    exchange = run(Api().app, scope_of(method, target, [BEARER]), piece(b"x", is_last=True))

    assert exchange.unread == [piece(b"x", is_last=True)]


def test_the_caller_is_judged_before_the_body_is_read() -> None:
    exchange = run(Api().app, scope_of("POST", PUBLISH), piece(b"x", is_last=True))

    assert response_of(exchange).status == 401
    assert exchange.unread == [piece(b"x", is_last=True)]


# --- defects -------------------------------------------------------------------------------


class AccidentError(RuntimeError):
    """What a defective engine raises."""


def break_publishing(api: Api, monkeypatch: pytest.MonkeyPatch) -> AccidentError:
    accident = AccidentError("boom")

    def defective(user_id: str, command: PublishCommand) -> Message:
        raise accident

    monkeypatch.setattr(api.engine, "publish", defective)
    return accident


def test_a_defect_is_told_to_its_owner_and_hidden_from_the_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    defects: list[BaseException] = []
    api = Api(on_defect=defects.append)
    accident = break_publishing(api, monkeypatch)

    assert api.call("POST", PUBLISH) == DEFECT
    assert defects == [accident]


def test_a_defect_without_an_owner_is_written_to_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    api = Api()
    break_publishing(api, monkeypatch)

    with caplog.at_level(logging.ERROR, "fakestash"):
        assert api.call("POST", PUBLISH) == DEFECT

    (record,) = caplog.records
    assert record.message == "a request to the fake failed unexpectedly"
    assert record.exc_info is not None
    assert record.exc_info[0] is AccidentError


def test_a_refusal_is_no_defect() -> None:
    defects: list[BaseException] = []

    assert Api(on_defect=defects.append).call("GET", "/v2/messages/x").status == 404
    assert defects == []


# --- beside requests ---------------------------------------------------------------------


def test_websockets_are_turned_away() -> None:
    exchange = run(Api().app, {"type": "websocket", "path": "/v2/keys", "headers": []})

    assert exchange.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]


def test_two_services_do_not_see_each_other() -> None:
    first, second = Api(), Api()
    message_id = first.publish()

    assert second.call("GET", f"/v2/messages/{message_id}").status == 404
    assert second.call("GET", "/v2/logs") == json_response(200, '{"events":[]}')


def test_one_engine_may_have_two_applications() -> None:
    stage = Stage()
    first, second = Api(), Api()
    first.app, second.app = create_app(stage.engine), create_app(stage.engine)
    message_id = first.publish()

    assert second.call("GET", f"/v2/messages/{message_id}").status == 200


# --- the description of the interface ------------------------------------------------------


def test_the_interface_is_described_to_everybody_in_the_same_words() -> None:
    described = Api().call("GET", "/_fakestash/openapi.json", token=None)

    assert described == json_response(200, described.body)
    assert json.loads(described.body) == openapi_document()
    assert Api().call("GET", "/_fakestash/OpenAPI.json/") == described
    assert Api().call("HEAD", "/_fakestash/openapi.json") == described._replace(body="")
