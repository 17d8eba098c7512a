"""The description of the interface: as complete as the routes, and as the encoders and readers."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import pytest

from fakestash.api.openapi import openapi_document
from fakestash.api.openapi_operations import OPERATIONS
from fakestash.api.openapi_operations_v1 import V1_OPERATIONS
from fakestash.api.routes import Routes
from fakestash.api.table import V1, V2
from fakestash.errors import ServiceError
from fakestash.ids import Ids
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import DeadLetter, MessageState, Publication
from fakestash.model.outcomes import Responded
from fakestash.model.resources import (
    Endpoint,
    FlowControlStatus,
    GlobalParallelism,
    QueueStatus,
    Schedule,
    UrlGroup,
)
from fakestash.plans import PAYG
from fakestash.syntax import cron
from fakestash.wire import encode_v1
from fakestash.wire.encode import dead_letter_object, message_object
from fakestash.wire.encode_log import event_object
from fakestash.wire.encode_resources import (
    flow_control_object,
    global_parallelism_object,
    queue_object,
    schedule_object,
    url_group_object,
)
from fakestash.wire.json_values import JsonObject, json_bytes
from fakestash.wire.lists import (
    read_cancel_query,
    read_dead_letter_query,
    read_dead_letter_selection,
    read_log_query,
    read_pin,
    read_search,
    read_unpin,
)
from fakestash.wire.lists_v1 import read_cursor, read_event_query
from fakestash.wire.publish import read_publish
from tests.openapi import Json, operations_in, references
from tests.wire.messages import AT, FULL, PLAIN, a_message

DOCUMENT: Final[Json] = openapi_document()
COMPONENTS: Final[Json] = DOCUMENT["components"]

OPERATIONS_SHOWN: Final = operations_in(DOCUMENT)


def looked_up(reference: str) -> Json:
    """What a reference leads to."""
    found = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def parameters(operation: Json, place: str) -> list[str]:
    """The names of an operation's parameters of one place: path, query or header."""
    found = [
        looked_up(shown["$ref"]) if "$ref" in shown else shown for shown in operation["parameters"]
    ]
    return [shown["name"] for shown in found if shown["in"] == place]


# --- routes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("operations", "routes"), [(OPERATIONS, V2), (V1_OPERATIONS, V1)])
def test_every_route_of_a_version_is_described_and_no_other(
    operations: Mapping[tuple[str, str], object], routes: Routes
) -> None:
    assert set(operations) == {
        (method, template) for template, methods in routes.items() for method in methods
    }


def test_all_of_version_1_is_deprecated_and_nothing_of_version_2() -> None:
    deprecated = {route for route, shown in OPERATIONS_SHOWN.items() if "deprecated" in shown}

    assert deprecated == set(V1_OPERATIONS)


def test_every_description_is_shown_under_its_path() -> None:
    # The only two templates that differ in nothing but the name of a part.
    shared = {"/v2/schedules/{destination}": "/v2/schedules/{id}"}

    assert set(OPERATIONS_SHOWN) == {
        (method, shared.get(template, template))
        for method, template in (*OPERATIONS, *V1_OPERATIONS)
    }


def test_no_two_paths_differ_in_nothing_but_names_of_parts() -> None:
    bare = [re.sub(r"\{\w+\}", "{}", path) for path in DOCUMENT["paths"]]

    assert len(set(bare)) == len(bare)


@pytest.mark.parametrize("route", OPERATIONS_SHOWN)
def test_the_parts_of_a_path_are_its_parameters(route: tuple[str, str]) -> None:
    _, path = route

    assert parameters(OPERATIONS_SHOWN[route], "path") == re.findall(r"\{(\w+)\}", path)


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS_SHOWN.values()]

    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere_and_every_component_is_referred_to() -> None:
    found = set(references(DOCUMENT))

    assert found == {
        f"#/components/{kind}/{name}"
        for kind in ("parameters", "responses", "schemas")
        for name in COMPONENTS[kind]
    }


def test_a_document_is_its_callers_own() -> None:
    openapi_document()["paths"] = {}
    first: Json = openapi_document()
    first["components"]["schemas"]["Error"].clear()

    assert openapi_document() == DOCUMENT


# --- operations --------------------------------------------------------------------------------


def test_an_operation_that_looks_at_one_thing() -> None:
    assert OPERATIONS_SHOWN["GET", "/v2/flowControl/{key}"] == {
        "operationId": "getFlowControlKey",
        "tags": ["flowControl"],
        "summary": "Show the limits of a key.",
        "parameters": [
            {
                "name": "key",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "description": "The flow control key.",
            }
        ],
        "responses": {
            "200": {
                "description": "OK",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/FlowControlKey"}}
                },
            },
            "400": {"$ref": "#/components/responses/400"},
            "401": {"$ref": "#/components/responses/401"},
            "404": {"$ref": "#/components/responses/404"},
            "405": {"$ref": "#/components/responses/405"},
            "429": {"$ref": "#/components/responses/429"},
        },
    }


def test_an_operation_with_a_body_and_nothing_to_answer() -> None:
    operation = OPERATIONS_SHOWN["POST", "/v2/queues"]

    assert operation["requestBody"] == {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/QueueRequest"}}},
        "required": True,
    }
    assert operation["responses"]["200"] == {"description": "OK"}
    assert list(operation["responses"]) == [
        *("200", "400", "401", "403", "405", "412", "413", "429")
    ]


def test_an_operation_for_everybody_needs_no_token() -> None:
    operation = OPERATIONS_SHOWN["GET", "/v2/liveness"]

    assert operation["security"] == []
    assert operation["responses"] == {
        "200": {"description": "OK", "content": {"text/plain": {"schema": {"const": "OK"}}}},
        "405": {"$ref": "#/components/responses/405"},
    }


def test_a_deletion_of_version_1_is_a_word_of_text_or_json() -> None:
    operation = OPERATIONS_SHOWN["DELETE", "/v1/messages/{id}"]

    assert (operation["operationId"], operation["tags"]) == ("deleteV1MessagesId", ["v1"])
    assert operation["responses"]["202"] == {
        "description": "Accepted",
        "content": {
            "text/plain": {"schema": {"const": "Accepted"}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"status": {"const": "accepted"}},
                    "required": ["status"],
                }
            },
        },
    }


def test_all_others_need_a_token_that_may_write_if_they_do() -> None:
    needs_token = {
        route for route, shown in OPERATIONS_SHOWN.items() if "401" in shown["responses"]
    }
    needs_writer = {
        route for route, shown in OPERATIONS_SHOWN.items() if "403" in shown["responses"]
    }

    assert set(OPERATIONS_SHOWN) - needs_token == {
        ("GET", "/v2/readiness"),
        ("GET", "/v2/liveness"),
    }
    assert needs_writer == {(method, path) for method, path in needs_token if method != "GET"}
    assert DOCUMENT["security"] == [{"bearer": []}, {"queryToken": []}]
    assert COMPONENTS["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}


def test_every_refusal_has_the_envelope_of_the_service() -> None:
    envelope = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}

    statuses = ("400", "401", "403", "404", "405", "409", "412", "413", "429", "501")

    assert {
        status: shown["content"] for status, shown in COMPONENTS["responses"].items()
    } == dict.fromkeys(statuses, envelope)
    assert COMPONENTS["schemas"]["Error"] == {
        "type": "object",
        "properties": {"error": {"type": "string"}},
        "required": ["error"],
    }


def test_a_publish_is_a_message_messages_or_a_schedule() -> None:
    answers = OPERATIONS_SHOWN["POST", "/v2/publish/{destination}"]["responses"]
    one_or_group = {
        "oneOf": [
            {"$ref": "#/components/schemas/Published"},
            {"$ref": "#/components/schemas/PublishedToGroup"},
        ]
    }

    assert {
        status: answers[status]["content"]["application/json"]["schema"]
        for status in ("200", "201", "202")
    } == {
        "200": {"$ref": "#/components/schemas/ScheduleCreated"},
        "201": one_or_group,
        "202": one_or_group,
    }


def test_a_schedule_cannot_be_made_without_a_cron_expression() -> None:
    operation = OPERATIONS_SHOWN["POST", "/v2/schedules/{id}"]

    assert [shown["name"] for shown in operation["parameters"] if shown.get("required")] == [
        "id",
        "Upstash-Cron",
    ]


# --- parameters --------------------------------------------------------------------------------

HEADERS: Final[list[Json]] = [
    looked_up(shown["$ref"])
    for shown in OPERATIONS_SHOWN["POST", "/v2/publish/{destination}"]["parameters"]
    if "$ref" in shown
]
# What some settings need to have an effect.
COMPANIES: Final[Sequence[dict[str, str]]] = (
    {},
    {"Upstash-Callback": "https://a.test/", "Upstash-Failure-Callback": "https://b.test/"},
    {"Upstash-Cron": "0 0 * * *"},
    {"Accept": "*/*"},
)


def reaction(headers: dict[str, str]) -> object:
    """What becomes of a publish with these headers."""
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    try:
        return read_publish(
            "https://shop.test/", "", sent, b"", caller_ip="127.0.0.1", token_in_header=True
        )
    except ServiceError as refusal:
        return str(refusal)


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header["name"])
def test_every_header_that_is_described_has_an_effect(header: Json) -> None:
    sent = {header["name"].replace("*", "X-Example"): str(header["example"])}

    assert any(reaction({**company, **sent}) != reaction(company) for company in COMPANIES)


@pytest.mark.parametrize(
    ("route", "missing"),
    [
        (
            ("POST", "/v2/enqueue/{queue}/{destination}"),
            [
                *("Upstash-Delay", "Upstash-Not-Before", "Upstash-Queue-Name"),
                *("Upstash-Cron", "Upstash-Schedule-Id"),
            ],
        ),
        (
            ("POST", "/v2/schedules/{id}"),
            [
                *("Upstash-Not-Before", "Upstash-Deduplication-Id"),
                "Upstash-Content-Based-Deduplication",
            ],
        ),
        (
            ("POST", "/v2/dlq/retry/{dlqId}"),
            [
                *("Upstash-Deduplication-Id", "Upstash-Content-Based-Deduplication"),
                *("Upstash-Cron", "Upstash-Schedule-Id"),
            ],
        ),
    ],
)
def test_other_operations_take_the_headers_of_a_publish_but_for_some(
    route: tuple[str, str], missing: list[str]
) -> None:
    taken = parameters(OPERATIONS_SHOWN[route], "header")

    assert [header["name"] for header in HEADERS if header["name"] not in taken] == missing


READERS: Final[dict[tuple[str, str], Callable[[str], object]]] = {
    ("GET", "/v2/logs"): read_log_query,
    ("GET", "/v2/events"): read_log_query,
    ("GET", "/v2/dlq"): read_dead_letter_query,
    ("DELETE", "/v2/dlq"): partial(read_dead_letter_selection, body=b""),
    ("DELETE", "/v2/messages"): partial(read_cancel_query, body=b""),
    ("GET", "/v2/flowControl"): read_search,
    ("POST", "/v2/flowControl/{key}/pin"): read_pin,
    ("POST", "/v2/flowControl/{key}/unpin"): read_unpin,
    ("GET", "/v1/events"): read_event_query,
    **{
        ("GET", f"/v1/{path}"): read_cursor
        for path in (
            *("messages", "messages/{id}/tasks", "messages/{id}/logs", "tasks/{id}/logs", "logs"),
            *("schedules/{id}/logs", "schedules/{id}/tasks"),
        )
    },
}
NAMES: Final[Sequence[str]] = sorted(
    {shown["name"] for shown in COMPONENTS["parameters"].values() if shown["in"] == "query"}
)


def is_known(name: str, read: Callable[[str], object]) -> bool:
    """Whether a list has this query parameter; a value that it cannot read does not matter."""
    try:
        read(f"{name}=?")
    except ServiceError as refusal:
        return str(refusal) != f"unknown query parameter: {name}"
    return True


@pytest.mark.parametrize("route", READERS)
def test_the_query_parameters_that_are_described_are_those_that_are_read(
    route: tuple[str, str],
) -> None:
    known = [name for name in NAMES if is_known(name, READERS[route])]

    assert sorted(parameters(OPERATIONS_SHOWN[route], "query")) == known


def test_no_other_operation_has_query_parameters_but_the_bulk_retry() -> None:
    with_query = {route for route, shown in OPERATIONS_SHOWN.items() if parameters(shown, "query")}

    assert with_query == {*READERS, ("POST", "/v2/dlq/retry")}


# --- schemas -----------------------------------------------------------------------------------

ANSWER: Final = Responded(500, (("X", "1"),), b"no")


def shown_messages(*, everything: bool) -> JsonObject:
    if not everything:
        return message_object(a_message(state=MessageState.ACTIVE))
    return message_object(a_message(FULL, outcome=ANSWER, dlq_id="1-0"))


def shown_letter(*, everything: bool) -> JsonObject:
    if not everything:
        return dead_letter_object(DeadLetter("1-0", 1, 0, a_message()))
    callback = a_message(state=MessageState.FAILED, outcome=ANSWER)
    return dead_letter_object(DeadLetter("1-0", 1, 0, a_message(FULL, outcome=ANSWER), callback))


def shown_report(*, everything: bool) -> JsonObject:
    callback = a_message(state=MessageState.FAILED, outcome=ANSWER if everything else None)
    info: Json = dead_letter_object(DeadLetter("1-0", 1, 0, a_message(), callback))
    found: JsonObject = info["failureCallbackInfo"]
    return found


def shown_event(*, everything: bool) -> JsonObject:
    if not everything:
        plain = a_message(PLAIN._replace(retries=0))
        return event_object(LogEntry(AT, 0, LogState.ACTIVE, plain, "127.0.0.1"))
    message = a_message(FULL)
    return event_object(LogEntry(AT, 0, LogState.ERROR, message, "127.0.0.1", AT, ANSWER, 1))


def shown_schedule(*, everything: bool) -> JsonObject:
    command = FULL if everything else PLAIN
    always = ("scd_1", AT, "shops", command, cron.parse("* * * * *"), False)
    if not everything:
        return schedule_object(Schedule(*always, None, None, (), None))
    return schedule_object(Schedule(*always, AT, AT, (a_message(),), "topic shops not found"))


def shown_group(*, everything: bool) -> JsonObject:
    headers = (("Upstash-Retries", ("3",)),) if everything else ()
    return url_group_object(UrlGroup(1, 2, "shops", (), headers))


def shown_endpoint(*, everything: bool) -> JsonObject:
    endpoint = Endpoint("https://a.test/", "a" if everything else None)
    group: Json = url_group_object(UrlGroup(1, 2, "shops", (endpoint,)))
    found: JsonObject = group["endpoints"][0]
    return found


def shown_queue(*, everything: bool) -> JsonObject:
    return queue_object(QueueStatus(1, 2, "orders", 3, 0, paused=everything))


def shown_flow_control(*, everything: bool) -> JsonObject:
    flags = (everything, everything, everything)
    return flow_control_object(FlowControlStatus("k", 1, 2, 3, 4, 5, 6, 7, *flags))


def shown_parallelism(*, everything: bool) -> JsonObject:
    return global_parallelism_object(GlobalParallelism(100, int(everything)))


def shown_v1_message(*, everything: bool) -> JsonObject:
    if not everything:
        nowhere = PLAIN._replace(url="")
        return encode_v1.message_object(Publication("msg_1", AT, nowhere, None, None, ()))
    publication = Publication("msg_1", AT, FULL, "shops", "tpc_1", (), "ept_1")
    return encode_v1.message_object(publication)


def shown_v1_task(*, everything: bool) -> JsonObject:
    task = a_message(message_id=Ids().message_id())
    if everything:
        task.ended_at = AT
    else:
        task.state = MessageState.ACTIVE
    return encode_v1.task_object(task, AT)


def shown_v1_entry(*, everything: bool) -> LogEntry:
    state = LogState.ERROR if everything else LogState.ACTIVE
    message = a_message(message_id=Ids().message_id())
    return LogEntry(AT, 0, state, message, "127.0.0.1", AT if everything else None, ANSWER, 1)


def shown_v1_log(*, everything: bool) -> JsonObject:
    return encode_v1.log_object(shown_v1_entry(everything=everything))


def shown_v1_event(*, everything: bool) -> JsonObject:
    return encode_v1.event_object(shown_v1_entry(everything=everything))


def shown_v1_schedule(*, everything: bool) -> JsonObject:
    return encode_v1.schedule_object(
        Schedule(
            "scd_1",
            AT,
            "shops",
            FULL if everything else PLAIN,
            cron.parse("* * * * *"),
            False,
            None,
            None,
            (),
            None,
        ),
        None,
    )


def shown_v1_topic(*, everything: bool) -> JsonObject:
    return encode_v1.topic_object(UrlGroup(1, 2, "shops", (), id="tpc_1"))


def shown_v1_endpoint(*, everything: bool) -> JsonObject:
    return encode_v1.endpoint_object(Endpoint("https://a.test/", None, "ept_1"), "tpc_1")


def shown_v1_quota(*, everything: bool) -> JsonObject:
    return encode_v1.quota_object(PAYG)


ENCODED: Final[dict[str, Callable[..., JsonObject]]] = {
    "Message": shown_messages,
    "DeadLetter": shown_letter,
    "FailureCallbackInfo": shown_report,
    "Event": shown_event,
    "Schedule": shown_schedule,
    "UrlGroup": shown_group,
    "Endpoint": shown_endpoint,
    "Queue": shown_queue,
    "FlowControlKey": shown_flow_control,
    "GlobalParallelism": shown_parallelism,
    "V1Message": shown_v1_message,
    "V1Task": shown_v1_task,
    "V1Log": shown_v1_log,
    "V1Event": shown_v1_event,
    "V1Schedule": shown_v1_schedule,
    "V1Topic": shown_v1_topic,
    "V1Endpoint": shown_v1_endpoint,
    "V1Quota": shown_v1_quota,
}


@pytest.mark.parametrize("name", ENCODED)
def test_a_schema_has_the_keys_that_are_shown_in_their_order(name: str) -> None:
    keys = list(COMPONENTS["schemas"][name]["properties"])

    # A body is either text or base64, so no object has both keys.
    assert [key for key in keys if not key.endswith("Base64")] == list(
        ENCODED[name](everything=True)
    )


@pytest.mark.parametrize("name", ENCODED)
def test_a_schema_requires_the_keys_that_are_always_shown(name: str) -> None:
    # These can be switched off, so nobody should rely on them.
    optional = {"state", "retried"} if name == "Message" else set[str]()
    shown = ENCODED[name](everything=False)

    assert COMPONENTS["schemas"][name]["required"] == [key for key in shown if key not in optional]


def test_the_document_is_json() -> None:
    assert json_bytes(DOCUMENT).startswith(b'{"openapi":"3.1.0",')
