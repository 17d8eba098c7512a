"""From query strings and bodies to questions about lists, and to what bulk calls reach."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.logs import LogState
from fakestash.model.queries import (
    CancelQuery,
    DeadLetterQuery,
    LogQuery,
    MessageFilter,
    Paging,
    Pin,
    RowId,
)
from fakestash.wire.lists import (
    read_cancel_query,
    read_dead_letter_query,
    read_dead_letter_selection,
    read_log_query,
    read_pin,
    read_search,
    read_unpin,
)
from fakestash.wire.values import INT64_MAX

LOG_PAGING: dict[str, Any] = {"count": 1000, "earliest_first": False}
DLQ_PAGING: dict[str, Any] = {"count": 100, "earliest_first": True}

READERS: list[Callable[[str], LogQuery | DeadLetterQuery]] = [
    read_log_query,
    read_dead_letter_query,
]
both = pytest.mark.parametrize("read", READERS, ids=["log", "dlq"])


def refusal(read: Callable[[str], object], query: str) -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        read(query)
    return refused.value.status, refused.value.text


# --- paging --------------------------------------------------------------------------------


def test_the_log_is_read_from_its_end_a_thousand_at_a_time() -> None:
    assert read_log_query("") == LogQuery(paging=Paging(count=1000, earliest_first=False))


def test_dead_letters_are_read_from_the_first_a_hundred_at_a_time() -> None:
    assert read_dead_letter_query("") == DeadLetterQuery(
        paging=Paging(count=100, earliest_first=True)
    )


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ("count=1", {"count": 1}),
        ("count=7&count=9", {"count": 7}),
        ("count=&count=9", {"count": 9}),
        ("order=earliestFirst", {"earliest_first": True}),
        ("order=latestFirst", {"earliest_first": False}),
        ("fromDate=5&toDate=-7", {"from_at": 5, "to_at": -7}),
        ("cursor=1767225600000-3", {"after": RowId(1_767_225_600_000, 3)}),
        ("cursor=0-0", {"after": RowId(0, 0)}),
        ("count=&order=&cursor=&fromDate=&toDate=", {}),
        ("count&cursor", {}),
        ("&&", {}),
    ],
)
def test_the_part_of_a_list(query: str, changes: dict[str, Any]) -> None:
    assert read_log_query(query).paging == Paging(**(LOG_PAGING | changes))
    assert read_dead_letter_query(query).paging == Paging(**(DLQ_PAGING | changes))


@pytest.mark.parametrize("count", ["1001", str(INT64_MAX)])
def test_a_count_beyond_the_largest_page_is_clamped(count: str) -> None:
    assert read_log_query(f"count={count}").paging.count == 1000
    assert read_dead_letter_query(f"count={count}").paging.count == 100


@pytest.mark.parametrize("count", ["0", "-1", "ten", "1.5", "1_0", "٣", "9" * 30, "+1"])
def test_a_count_is_a_number_from_one_on(count: str) -> None:
    query = f"count={quote(count)}"

    assert refusal(read_log_query, query) == (
        400,
        f'invalid count: expected an integer between 1 and 1000, got "{count}"',
    )
    assert refusal(read_dead_letter_query, query) == (
        400,
        f'invalid count: expected an integer between 1 and 100, got "{count}"',
    )


@both
@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("order=newest", "invalid order: newest"),
        ("order=EarliestFirst", "invalid order: EarliestFirst"),
        ("cursor=1767225600000", "invalid cursor: 1767225600000"),
        ("cursor=-1", "invalid cursor: -1"),
        ("cursor=1-", "invalid cursor: 1-"),
        ("cursor=1-2-3", "invalid cursor: 1-2-3"),
        ("cursor=1--3", "invalid cursor: 1--3"),
        ("cursor=a-b", "invalid cursor: a-b"),
        ("cursor=%D9%A3-1", "invalid cursor: ٣-1"),
        (f"cursor=1-{'9' * 30}", f"invalid cursor: 1-{'9' * 30}"),
        ("fromDate=now", 'invalid fromDate: expected an integer, got "now"'),
        ("toDate=1.5", 'invalid toDate: expected an integer, got "1.5"'),
        ("toDate=1%002", 'invalid toDate: expected an integer, got "1\x002"'),
        (f"fromDate={'9' * 30}", f'invalid fromDate: expected an integer, got "{"9" * 30}"'),
        ("x=1", "unknown query parameter: x"),
        ("x=", "unknown query parameter: x"),
        ("x", "unknown query parameter: x"),
        ("=1", "unknown query parameter: "),
        ("Count=1", "unknown query parameter: Count"),
        ("upstash-retries=1", "unknown query parameter: upstash-retries"),
        ("callerIP=1.2.3.4", "unknown query parameter: callerIP"),
        ("%FF=1", "unknown query parameter: \ufffd"),
    ],
)
def test_a_bad_part_of_a_list_is_refused(
    read: Callable[[str], LogQuery | DeadLetterQuery], query: str, text: str
) -> None:
    assert refusal(read, query) == (400, text)


# --- filters -------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("messageId=msg_1", MessageFilter(message_ids=frozenset({"msg_1"}))),
        ("url=https://a.test/x", MessageFilter(urls=frozenset({"https://a.test/x"}))),
        (
            "url=https://a.test/x,y&url=https://b.test,http://c.test",
            MessageFilter(
                urls=frozenset({"https://a.test/x,y", "https://b.test", "http://c.test"})
            ),
        ),
        ("url=a,https://b.test", MessageFilter(urls=frozenset({"a", "https://b.test"}))),
        ("label=a,+b&label=c", MessageFilter(labels=frozenset({"a", "b", "c"}))),
        ("label=gr%C3%BCn", MessageFilter(labels=frozenset({"grün"}))),
        ("label=,", MessageFilter()),
        (
            "callerIp=1.2.3.4,::1",
            MessageFilter(caller_ips=frozenset({"1.2.3.4", "::1"})),
        ),
        ("topicName=a,b", MessageFilter(topics=frozenset("ab"))),
        ("scheduleId=a&scheduleId=b", MessageFilter(schedule_ids=frozenset("ab"))),
        ("queueName=a,b&queueName=c", MessageFilter(queues=frozenset("abc"))),
        ("flowControlKey=a", MessageFilter(flow_control_keys=frozenset("a"))),
        (
            "topicName=a&queueName=b",
            MessageFilter(topics=frozenset("a"), queues=frozenset("b")),
        ),
        ("topicName=&scheduleId=&queueName=&flowControlKey=", MessageFilter()),
        ("messageId=&url=&label=&callerIp=", MessageFilter()),
        ("api=llm", MessageFilter()),
        ("qstash_token=secret", MessageFilter()),
    ],
)
def test_filters_of_messages(
    read: Callable[[str], LogQuery | DeadLetterQuery], query: str, wanted: MessageFilter
) -> None:
    assert read(query).filter == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("messageIds=a&messageIds=b,c", MessageFilter(message_ids=frozenset("abc"))),
        ("messageId=a&messageIds=a,b", MessageFilter(message_ids=frozenset("a"))),
        ("messageId=a&messageIds=b", MessageFilter(message_ids=frozenset())),
        ("messageIds=", MessageFilter()),
        (
            "host=Shop.test:8080,a.test&host=b.test",
            MessageFilter(hosts=frozenset({"shop.test:8080", "a.test", "b.test"})),
        ),
        ("host=[::1],[::1]:80", MessageFilter(hosts=frozenset({"::1", "[::1]:80"}))),
        ("path=/a,/b&path=/C", MessageFilter(paths=frozenset({"/a", "/b", "/C"}))),
    ],
)
def test_filters_of_the_log_alone(query: str, wanted: MessageFilter) -> None:
    assert read_log_query(query).filter == wanted


@pytest.mark.fidelity("log: `state`, also `IN_PROGRESS`", "docs")
@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("state=DELIVERED", {LogState.DELIVERED}),
        (
            "state=delivered,Failed&state=ERROR",
            {LogState.DELIVERED, LogState.FAILED, LogState.ERROR},
        ),
        ("state=CANCELED", {LogState.CANCELED}),
        ("state=cancelled", {LogState.CANCELED}),
        ("state=cancel_requested", {LogState.CANCEL_REQUESTED}),
        ("state=IN_PROGRESS", {LogState.ACTIVE, LogState.RETRY, LogState.ERROR}),
        ("state=", set()),
    ],
)
def test_states_of_the_log(query: str, states: set[LogState]) -> None:
    assert read_log_query(query).states == states


def test_a_state_that_there_is_not_is_refused() -> None:
    assert refusal(read_log_query, "state=DELIVERED,done,gone") == (400, "invalid state: done")


def test_filters_of_dead_letters_alone() -> None:
    query = read_dead_letter_query("dlqIds=1-0&dlqIds=2-0,3-0&responseStatus=500,404")

    assert query.dlq_ids == {"1-0", "2-0", "3-0"}
    assert query.response_statuses == {500, 404}


def test_a_response_status_is_a_number() -> None:
    assert refusal(read_dead_letter_query, "responseStatus=500,5xx,y") == (
        400,
        'invalid responseStatus: expected an integer, got "5xx"',
    )


@pytest.mark.parametrize("key", ["host", "path", "state", "messageIds", "groupBy", "trimBody"])
def test_dead_letters_do_not_have_all_filters_of_the_log(key: str) -> None:
    assert refusal(read_dead_letter_query, f"{key}=x") == (400, f"unknown query parameter: {key}")


@pytest.mark.parametrize("key", ["dlqIds", "responseStatus"])
def test_the_log_does_not_have_all_filters_of_dead_letters(key: str) -> None:
    assert refusal(read_log_query, f"{key}=1") == (400, f"unknown query parameter: {key}")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("groupBy=messageId", 10),
        ("groupBy=messageId&count=11", 11),
        ("groupBy=messageId&count=1001", 1000),
    ],
)
def test_the_log_by_messages_has_smaller_pages(query: str, count: int) -> None:
    assert read_log_query(query) == LogQuery(
        paging=Paging(count=count, earliest_first=False), is_grouped=True
    )


@pytest.mark.parametrize("value", ["url", "messageid", "messageId,url"])
def test_the_log_is_grouped_by_messages_only(value: str) -> None:
    assert refusal(read_log_query, f"groupBy={value}") == (400, f"invalid groupBy: {value}")


@pytest.mark.parametrize(
    ("query", "trim_body"),
    [("trimBody=0", 0), ("trimBody=-5", 0), ("trimBody=7", 7), ("trimBody=", None), ("", None)],
)
def test_bodies_in_the_log_can_be_cut(query: str, trim_body: int | None) -> None:
    assert read_log_query(query).trim_body == trim_body


def test_bodies_are_cut_to_a_number_of_bytes() -> None:
    assert refusal(read_log_query, "trimBody=all") == (
        400,
        'invalid trimBody: expected an integer, got "all"',
    )


# --- bulk calls on dead letters --------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("dlqIds=1-0&dlqIds=2-0,3-0", b""),
        ("dlqIds=1-0,2-0,3-0", b'{"dlqIds":[]}'),
        ("", b'{"dlqIds":["1-0","2-0","3-0"]}'),
        ("dlqIds=4-0", b'{"dlqIds":["3-0","2-0","1-0","3-0"]}'),
        ("dlqIds=1-0,2-0,3-0&count=1&cursor=5-0&order=latestFirst&label=x&fromDate=1", b""),
        ("count=x&responseStatus=y", b'{"dlqIds":["3-0","2-0","1-0"]}'),
    ],
)
def test_ids_of_dead_letters_are_all_that_counts(query: str, body: bytes) -> None:
    assert read_dead_letter_selection(query, body) == DeadLetterQuery(
        paging=Paging(count=3, earliest_first=True), dlq_ids=frozenset({"1-0", "2-0", "3-0"})
    )


def test_more_ids_than_a_page_holds_are_all_meant() -> None:
    ids = [f"{number}-0" for number in range(250)]

    assert read_dead_letter_selection("", json.dumps({"dlqIds": ids}).encode()) == DeadLetterQuery(
        paging=Paging(count=250, earliest_first=True), dlq_ids=frozenset(ids)
    )


@pytest.mark.parametrize("body", [b"", b"{}", b'{"dlqIds":[]}', b'{"dlqIds":null}'])
@pytest.mark.parametrize(
    "query", ["", "count=5&cursor=1-0&queueName=q&responseStatus=500&order=latestFirst", "api=llm"]
)
def test_without_ids_dead_letters_are_chosen_like_those_of_a_list(query: str, body: bytes) -> None:
    assert read_dead_letter_selection(query, body) == read_dead_letter_query(query)


def test_parameters_of_a_retry_are_none_of_the_selection() -> None:
    assert read_dead_letter_selection("label=a&Upstash-Retries=0", b"") == (
        read_dead_letter_query("label=a")
    )


@pytest.mark.parametrize(
    ("query", "body", "text"),
    [
        ("x=1", b"", "unknown query parameter: x"),
        ("x=1", b'{"dlqIds":["1-0"]}', "unknown query parameter: x"),
        ("host=a.test", b"", "unknown query parameter: host"),
        ("count=0", b"", 'invalid count: expected an integer between 1 and 100, got "0"'),
        ("", b"[]", "invalid body: expected a json object"),
        ("", b"{", "invalid json body"),
        ("", b'{"dlqIds":"1-0"}', 'invalid body: field "dlqIds" must be an array'),
        ("", b'{"queueName":"q"}', 'invalid body: field "queueName" is unknown'),
    ],
)
def test_a_bad_choice_of_dead_letters_is_refused(query: str, body: bytes, text: str) -> None:
    with pytest.raises(ServiceError) as refused:
        read_dead_letter_selection(query, body)

    assert (refused.value.status, refused.value.text) == (400, text)


# --- bulk cancellation -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"messageIds":[]}', b'{"queueName":"","count":null}']
)
@pytest.mark.parametrize("query", ["", "qstash_token=secret", "messageIds=&label="])
def test_all_messages_are_cancelled_if_nothing_is_said(query: str, body: bytes) -> None:
    assert read_cancel_query(query, body) == CancelQuery()


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("messageIds=a&messageIds=b,c", {}),
        ("messageIds=a,b,c&queueName=q&count=1&fromDate=5", {}),
        ("messageIds=a,b,c&count=x", {"queueName": "q"}),
        ("", {"messageIds": ["c", "b", "a"]}),
        ("messageIds=d&label=x", {"messageIds": ["a", "b", "c"], "count": 1, "fromDate": 5}),
    ],
)
def test_ids_of_messages_are_all_that_counts(query: str, body: dict[str, object]) -> None:
    assert read_cancel_query(query, json.dumps(body).encode()) == CancelQuery(
        filter=MessageFilter(message_ids=frozenset("abc"))
    )


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("topicName", "a", MessageFilter(topics=frozenset("a"))),
        ("queueName", "a", MessageFilter(queues=frozenset("a"))),
        ("scheduleId", "a", MessageFilter(schedule_ids=frozenset("a"))),
        ("flowControlKey", "a", MessageFilter(flow_control_keys=frozenset("a"))),
        ("label", "a", MessageFilter(labels=frozenset("a"))),
        ("url", "https://a.test/x,y", MessageFilter(urls=frozenset({"https://a.test/x,y"}))),
        ("host", "A.test", MessageFilter(hosts=frozenset({"a.test"}))),
        ("path", "/A", MessageFilter(paths=frozenset({"/A"}))),
        ("callerIp", "::1", MessageFilter(caller_ips=frozenset({"::1"}))),
        ("callerIP", "::1", MessageFilter(caller_ips=frozenset({"::1"}))),
    ],
)
def test_filters_of_a_cancellation_stand_in_the_query_or_in_the_body(
    key: str, value: str, wanted: MessageFilter
) -> None:
    expected = CancelQuery(filter=wanted)

    assert read_cancel_query(f"{key}={quote(value)}", b"") == expected
    assert read_cancel_query("", json.dumps({key: value}).encode()) == expected
    assert read_cancel_query("", json.dumps({key: ["", value]}).encode()) == expected


def test_all_parts_of_a_cancellation_together() -> None:
    query = "fromDate=5&toDate=-7&count=500&callerIp=1.1.1.1&callerIP=2.2.2.2&queueName=a,b"
    body = (
        b'{"fromDate":5,"toDate":-7,"count":500,"callerIp":"1.1.1.1","callerIP":"2.2.2.2",'
        b'"queueName":["a","b"]}'
    )
    expected = CancelQuery(
        filter=MessageFilter(caller_ips=frozenset({"1.1.1.1", "2.2.2.2"}), queues=frozenset("ab")),
        from_at=5,
        to_at=-7,
        count=500,
    )

    assert read_cancel_query(query, b"") == expected
    assert read_cancel_query("", body) == expected


def test_filters_in_the_body_stand_in_for_those_in_the_query() -> None:
    assert read_cancel_query("queueName=q&count=1", b'{"label":"a"}') == CancelQuery(
        filter=MessageFilter(labels=frozenset("a"))
    )
    assert read_cancel_query("queueName=q&count=1", b'{"label":""}') == CancelQuery(
        filter=MessageFilter(queues=frozenset("q")), count=1
    )


@pytest.mark.parametrize(
    ("query", "body", "text"),
    [
        ("x=1", b"", "unknown query parameter: x"),
        ("api=llm", b"", "unknown query parameter: api"),
        ("state=ACTIVE", b'{"messageIds":["a"]}', "unknown query parameter: state"),
        ("messageId=a", b"", "unknown query parameter: messageId"),
        ("upstash-retries=1", b"", "unknown query parameter: upstash-retries"),
        ("cursor=1-0", b"", "unknown query parameter: cursor"),
        ("count=0", b"", 'invalid count: expected an integer between 1 and 500, got "0"'),
        ("count=501", b"", 'invalid count: expected an integer between 1 and 500, got "501"'),
        ("count=all", b"", 'invalid count: expected an integer between 1 and 500, got "all"'),
        (
            "",
            b'{"count":501}',
            'invalid count: expected an integer between 1 and 500, got "501"',
        ),
        ("", b'{"count":-1}', 'invalid count: expected an integer between 1 and 500, got "-1"'),
        ("fromDate=x", b"", 'invalid fromDate: expected an integer, got "x"'),
        ("", b'{"toDate":"5"}', 'invalid body: field "toDate" must be an integer'),
        ("", b'{"count":true}', 'invalid body: field "count" must be an integer'),
        ("", b'{"queueName":1}', 'invalid body: field "queueName" must be a string'),
        ("", b'{"messageIds":[1]}', 'invalid body: field "messageIds" must be a string'),
        ("", b'{"x":null}', 'invalid body: field "x" is unknown'),
        ("", b"[]", "invalid body: expected a json object"),
        ("messageIds=a", b"{", "invalid json body"),
    ],
)
def test_a_bad_cancellation_is_refused(query: str, body: bytes, text: str) -> None:
    with pytest.raises(ServiceError) as refused:
        read_cancel_query(query, body)

    assert (refused.value.status, refused.value.text) == (400, text)


# --- flow control ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "search"),
    [("", ""), ("search=", ""), ("search=a+B%2Cc&search=d", "a B,c"), ("qstash_token=x", "")],
)
def test_keys_of_flow_control_are_searched_for_a_text(query: str, search: str) -> None:
    assert read_search(query) == search


@pytest.mark.parametrize(
    ("query", "pin"),
    [
        ("parallelism=3", Pin(3)),
        ("rate=4", Pin(None, 4)),
        ("rate=4&period=60", Pin(None, 4, 60)),
        ("parallelism=3&rate=4&period=604800&qstash_token=x", Pin(3, 4, 604_800)),
        ("parallelism=3&rate=&period=", Pin(3)),
    ],
)
def test_limits_are_pinned(query: str, pin: Pin) -> None:
    assert read_pin(query) == pin


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "at least one of parallelism or rate must be provided"),
        ("parallelism=", "at least one of parallelism or rate must be provided"),
        ("period=5", "at least one of parallelism or rate must be provided"),
        ("parallelism=3&period=5", "period can only be pinned together with rate"),
        ("parallelism=0", 'invalid parallelism: expected a positive integer, got "0"'),
        ("parallelism=3&rate=-1", 'invalid rate: expected a positive integer, got "-1"'),
        ("rate=1.5", 'invalid rate: expected a positive integer, got "1.5"'),
        ("rate=1&period=5s", 'invalid period: expected a positive integer, got "5s"'),
        ("rate=1&period=0", 'invalid period: expected a positive integer, got "0"'),
        ("rate=1&period=604801", 'invalid period: expected a positive integer, got "604801"'),
        ("rate=1&x=1", "unknown query parameter: x"),
    ],
)
def test_a_bad_pin_is_refused(query: str, text: str) -> None:
    assert refusal(read_pin, query) == (400, text)


@pytest.mark.parametrize(
    ("query", "flags"),
    [
        ("", (False, False)),
        ("parallelism=true", (True, False)),
        ("rate=1", (False, True)),
        ("parallelism=T&rate=True", (True, True)),
        ("parallelism=false&rate=", (False, False)),
    ],
)
def test_limits_are_unpinned_one_by_one(query: str, flags: tuple[bool, bool]) -> None:
    assert read_unpin(query) == flags


@pytest.mark.parametrize(
    ("read", "query", "text"),
    [
        (read_unpin, "parallelism=yes", 'invalid parallelism: expected a boolean, got "yes"'),
        (read_unpin, "rate=2", 'invalid rate: expected a boolean, got "2"'),
        (read_unpin, "period=true", "unknown query parameter: period"),
        (read_search, "key=a", "unknown query parameter: key"),
    ],
)
def test_other_questions_about_flow_control_are_refused(
    read: Callable[[str], object], query: str, text: str
) -> None:
    assert refusal(read, query) == (400, text)


# --- official clients ----------------------------------------------------------------------

PYTHON_LOG = (
    "cursor=1-0&count=5&messageId=a&messageIds=b&messageIds=c&state=IN_PROGRESS&url=https://a.test"
    "&topicName=g&queueName=q&scheduleId=s&fromDate=1&toDate=2&label=l"
)
PYTHON_DLQ = (
    "cursor=1-0&count=5&messageId=a&url=https://a.test&topicName=g&queueName=q&scheduleId=s"
    "&fromDate=1&toDate=2&responseStatus=500&callerIp=1.2.3.4&label=l"
)
JAVASCRIPT_LOG = (
    "count=5&fromDate=1&toDate=2&callerIp=1.2.3.4&label=a&label=b&flowControlKey=k&url=https://a.test"
    "&scheduleId=s&queueName=q&host=a.test&path=%2Fx&state=ACTIVE&messageId=m&topicName=g&cursor=1-0"
)
JAVASCRIPT_DLQ = (
    "count=5&fromDate=1&toDate=2&callerIp=1.2.3.4&label=a&flowControlKey=k&messageId=m"
    "&url=https://a.test&scheduleId=s&queueName=q&responseStatus=500&responseStatus=404&topicName=g"
    "&cursor=1-0"
)


@pytest.mark.parametrize("query", [PYTHON_LOG, JAVASCRIPT_LOG])
def test_whatever_official_clients_ask_the_log_is_understood(query: str) -> None:
    assert read_log_query(query).filter.schedule_ids == {"s"}


@pytest.mark.parametrize("query", [PYTHON_DLQ, JAVASCRIPT_DLQ])
def test_whatever_official_clients_ask_about_dead_letters_is_understood(query: str) -> None:
    assert read_dead_letter_query(query).filter.schedule_ids == {"s"}


# --- fuzz ----------------------------------------------------------------------------------


def query_or_status(
    read: Callable[[str], LogQuery | DeadLetterQuery], query: str
) -> LogQuery | DeadLetterQuery | int:
    try:
        return read(query)
    except ServiceError as refused:
        return refused.status


KEYS = st.sampled_from(["count", "order", "cursor", "fromDate", "label", "url", "messageId", "x"])
PIECES = st.tuples(KEYS, st.text(st.characters(max_codepoint=255), max_size=20)).map("=".join)


@both
@given(st.lists(PIECES, max_size=5).map("&".join))
def test_any_query_is_a_question_or_refused(
    read: Callable[[str], LogQuery | DeadLetterQuery], query: str
) -> None:
    found = query_or_status(read, query)

    assert found == 400 or isinstance(found, LogQuery | DeadLetterQuery)
