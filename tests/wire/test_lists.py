"""From query strings to questions about the log and the dead letter queue."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.logs import LogState
from fakestash.model.queries import DeadLetterQuery, LogQuery, MessageFilter, Paging, RowId
from fakestash.wire.lists import read_dead_letter_query, read_log_query
from fakestash.wire.values import INT64_MAX

LOG_PAGING: dict[str, Any] = {"count": 1000, "earliest_first": False}
DLQ_PAGING: dict[str, Any] = {"count": 100, "earliest_first": True}

READERS: list[Callable[[str], LogQuery | DeadLetterQuery]] = [
    read_log_query,
    read_dead_letter_query,
]
both = pytest.mark.parametrize("read", READERS, ids=["log", "dlq"])

NOT_YET = (
    "fakestash does not support the query parameter {} yet: "
    "see the table of differences in its README"
)


def refusal(read: Callable[[str], LogQuery | DeadLetterQuery], query: str) -> tuple[int, str]:
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
        ("topicName=x", MessageFilter(absent=True)),
        ("scheduleId=x", MessageFilter(absent=True)),
        ("queueName=x", MessageFilter(absent=True)),
        ("flowControlKey=x", MessageFilter(absent=True)),
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


@pytest.mark.parametrize("key", ["groupBy", "trimBody"])
def test_what_the_log_cannot_do_yet_is_named(key: str) -> None:
    assert refusal(read_log_query, f"{key}=0") == (501, NOT_YET.format(key))
    assert read_log_query(f"{key}=") == read_log_query("")


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
    assert read_log_query(query).filter.absent


@pytest.mark.parametrize("query", [PYTHON_DLQ, JAVASCRIPT_DLQ])
def test_whatever_official_clients_ask_about_dead_letters_is_understood(query: str) -> None:
    assert read_dead_letter_query(query).filter.absent


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
