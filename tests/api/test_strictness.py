"""What clients ask for that the service does not have: answered as always, noted, or refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.api.strictness import MOST_NOTES, Strictness, notes_json
from fakestash.api.table import TABLE
from tests.api.client import Api, Header, error_response
from tests.builders import SECOND, START

HOOK = "https://shop.test/hook"
PUBLISH = f"/v2/publish/{HOOK}"
TO_A_DESTINATION = "POST /v2/publish/{destination}"


def strict() -> Api:
    return Api(is_fatal=True)


def noted(api: Api) -> list[tuple[str, str, str | None]]:
    return [
        (note["kind"], note["value"], note.get("suggestion"))
        for note in notes_json(api.strictness)["notes"]
    ]


# --- headers and parameters ------------------------------------------------------------------


def test_an_unknown_header_is_ignored_and_noted() -> None:
    api = Api()
    api.publish(("Upstash-Retires", "5"))
    api.stage.advance(12 * SECOND)
    api.publish(("UPSTASH-RETIRES", "5"), ("Upstash-Retries", "5"))

    assert notes_json(api.strictness) == {
        "notes": [
            {
                "kind": "unknown_header",
                "value": "Upstash-Retires",
                "where": TO_A_DESTINATION,
                "suggestion": "Upstash-Retries",
                "count": 2,
                "first": START,
                "last": START + 12 * SECOND,
            }
        ]
    }


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", PUBLISH),
        ("POST", f"/v2/enqueue/orders/{HOOK}"),
        ("POST", f"/v1/publish/{HOOK}"),
        ("POST", f"/v2/schedules/{HOOK}?upstash-cron=@daily"),
        ("GET", "/v2/queues"),
    ],
)
def test_it_is_noted_on_any_route(method: str, target: str) -> None:
    api = Api()
    api.call(method, target, ("Upstash-Callback-Retires", "5"))

    assert noted(api) == [
        ("unknown_header", "Upstash-Callback-Retires", "Upstash-Callback-Retries")
    ]


def test_an_unknown_parameter_is_ignored_and_noted() -> None:
    api = Api()
    api.call("POST", f"{PUBLISH}?a=b&Upstash-Retires=5&upstash-foo=1&upstash-retries=1")

    assert noted(api) == [
        ("unknown_parameter", "upstash-retires", "upstash-retries"),
        ("unknown_parameter", "upstash-foo", None),
    ]


def test_what_is_in_order_leaves_no_notes() -> None:
    api = Api()
    api.publish(
        ("Upstash-Retries", "5"),
        ("Upstash-Forward-X", "1"),
        ("Upstash-Telemetry-Sdk", "upstash-qstash-js@v2"),
        ("Upstash-Foo", ""),
        ("Content-Type", "text/plain"),
        target=f"{HOOK}?a=b&upstash-delay=1s&qstash_token=x",
    )

    assert notes_json(api.strictness) == {"notes": []}


def test_a_caller_without_a_token_leaves_no_notes_about_headers() -> None:
    api = Api()
    assert api.call("POST", PUBLISH, ("Upstash-Retires", "5"), token=None).status == 401

    assert noted(api) == []


# --- routes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "suggestion"),
    [
        ("POST", "/v2/publsh/https://shop.test/a/b", "/v2/publish/{destination}"),
        ("POST", "/publish/https://shop.test", "/v2/publish/{destination}"),
        ("POST", "/v3/publish/https://shop.test", "/v2/publish/{destination}"),
        ("POST", "/v2/enqueue", "/v2/enqueue/{queue}/{destination}"),
        ("GET", "/v2/message/msg_1", "/v2/messages/{id}"),
        ("GET", "/v2/schedule/x", "/v2/schedules/{id}"),
        ("POST", "/v2/schedule/x", "/v2/schedules/{destination}"),
        ("POST", "/v2/queues/orders/pauze", "/v2/queues/{name}/pause"),
        ("GET", "/v2/queue", "/v2/queues"),
        ("POST", "/v2/flow-control/k/pause", "/v2/flowControl/{key}/pause"),
        ("POST", "/v2/trigger/x", None),
        ("GET", "/", None),
        ("GET", "/favicon.ico", None),
    ],
)
def test_an_unknown_route_is_a_404_and_noted(
    method: str, path: str, suggestion: str | None
) -> None:
    api = Api()

    assert api.call(method, path) == error_response(404, f"route not found: {method} {path}")
    assert noted(api) == [("unknown_route", f"{method} {path}", suggestion)]


def test_an_unknown_method_is_a_405_and_noted() -> None:
    api = Api()

    assert api.call("PUT", "/v2/keys").status == 405
    assert noted(api) == [("unknown_method", "PUT /v2/keys", "GET, HEAD")]


def test_routes_that_are_ours_are_not_the_services() -> None:
    api = Api()

    assert api.call("GET", "/_fakestash/nothing").status == 404
    assert api.call("POST", "/_fakestash/openapi.json").status == 405
    assert noted(api) == []


# --- JSON ------------------------------------------------------------------------------------


def test_unknown_keys_and_headers_of_a_batch_are_noted() -> None:
    api = Api()
    entry = {"destination": HOOK, "header": {}, "headers": {"Upstash-Retires": ["1"]}, "body": ""}
    api.has("POST", "/v2/batch", [entry, {"destination": HOOK, "queue": None}])

    assert noted(api) == [
        ("unknown_key", "header", "headers"),
        ("unknown_header", "Upstash-Retires", "Upstash-Retries"),
    ]
    assert {note["where"] for note in notes_json(api.strictness)["notes"]} == {
        "an entry of POST /v2/batch"
    }


# --- the notes -------------------------------------------------------------------------------


def test_the_notes_can_be_forgotten() -> None:
    api = Api()
    api.publish(("Upstash-Retires", "5"))

    api.strictness.clear()
    assert notes_json(api.strictness) == {"notes": []}


def test_there_is_an_end_to_notes() -> None:
    api = Api()
    for number in range(MOST_NOTES + 5):
        api.call("GET", f"/v2/nothing/{number}")
    api.call("GET", "/v2/nothing/0")

    found = notes_json(api.strictness)
    assert (len(found["notes"]), found["omitted"]) == (MOST_NOTES, 5)
    assert found["notes"][0]["count"] == 2
    api.strictness.clear()
    assert notes_json(api.strictness) == {"notes": []}


def test_a_long_value_is_cut() -> None:
    api = Api()
    api.call("GET", f"/v2/{'n' * 300}")

    ((_, value, _),) = noted(api)
    assert value == f"GET /v2/{'n' * 192}..."


# --- fatal on demand -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "target", "header", "text"),
    [
        (
            "POST",
            PUBLISH,
            ("Upstash-Retires", "5"),
            f"unknown header Upstash-Retires of {TO_A_DESTINATION}: did you mean Upstash-Retries?",
        ),
        (
            "POST",
            f"{PUBLISH}?upstash-foo=1",
            ("Upstash-Retries", "5"),
            f"unknown parameter upstash-foo of {TO_A_DESTINATION}",
        ),
        (
            "GET",
            "/v2/message/x",
            ("X", "1"),
            "unknown route GET /v2/message/x: did you mean /v2/messages/{id}?",
        ),
        ("PUT", "/v2/keys", ("X", "1"), "unknown method PUT /v2/keys: did you mean GET, HEAD?"),
    ],
)
def test_on_demand_it_is_refused_and_nothing_happens(
    method: str, target: str, header: Header, text: str
) -> None:
    api = strict()
    before = api.state()

    answer = api.call(method, target, header)

    assert answer == error_response(400, f"{text} (refused by strict_api)")
    assert api.state() == before
    assert len(noted(api)) == 1


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (
            {"Body": "x"},
            "unknown key Body of an entry of POST /v2/batch: did you mean body?",
        ),
        (
            {"headers": {"Upstash-Foo": "1"}},
            "unknown header Upstash-Foo of an entry of POST /v2/batch",
        ),
    ],
)
def test_on_demand_a_batch_is_refused_as_a_whole(more: dict[str, object], text: str) -> None:
    api = strict()

    answer = api.send("POST", "/v2/batch", [{"destination": HOOK}, {"destination": HOOK, **more}])

    assert answer == error_response(400, f"{text} (refused by strict_api)")
    assert api.ids() == []


def test_on_demand_what_is_in_order_is_answered_as_ever() -> None:
    api = strict()
    api.publish(("Upstash-Retries", "5"), ("Upstash-Telemetry-Sdk", "x"))
    api.has("POST", "/v2/batch", [{"destination": HOOK, "body": "x", "headers": None}])

    assert len(api.ids()) == 2


# --- any path --------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    ["v1", "v2", "publish", "queues", "queue", "", "https:", "x", "{id}", "%2F", "\xe9"]
)


@given(st.lists(_WORDS, max_size=6).map("/".join), st.sampled_from(["GET", "POST", "BREW"]))
def test_whatever_is_called_a_suggestion_is_a_route(path: str, method: str) -> None:
    strictness = Strictness(Api().engine.clock)
    strictness.route(method, f"/{path}", TABLE.routes, "")

    (note,) = strictness.notes
    assert note.suggestion is None or note.suggestion in TABLE.routes
    assert json.loads(json.dumps(note.value)) == note.value
