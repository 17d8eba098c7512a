"""Whatever is sent: an answer of the service, never a defect, and nothing half done."""

from hypothesis import given
from hypothesis import strategies as st

from tests.api.client import BEARER, Api, Response, response_of, run, scope_of

LATIN = st.text(st.characters(max_codepoint=255), max_size=30)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "", "get"])
WORDS = st.sampled_from(
    ["v2", "V1", "publish", "messages", "dlq", "retry", "logs", "events", "keys", "rotate",
     "schedules", "topics", "endpoints", "queues", "pause", "enqueue", "https:", "", "%", "%FF"]
)  # fmt: skip
PATHS = st.lists(st.one_of(WORDS, LATIN), max_size=6).map(lambda parts: "/" + "/".join(parts))
NAMES = st.sampled_from(
    ["Upstash-Retries", "Upstash-Delay", "Upstash-Not-Before", "Upstash-Timeout", "Upstash-Label",
     "Upstash-Method", "Upstash-Retry-Delay", "Upstash-Header-Forward", "Upstash-Forward-X",
     "Content-Type", "Content-Length", "Upstash-Callback", "X-Plain", "Host"]
)  # fmt: skip
HEADERS = st.lists(st.tuples(NAMES, LATIN), max_size=5)
QUERIES = st.one_of(
    LATIN,
    st.lists(
        st.tuples(
            st.sampled_from(
                ["count", "cursor", "order", "state", "fromDate", "label", "upstash-delay",
                 "upstash-forward-%0a", "qstash_token", "url", "host", "dlqIds", "responseStatus"]
            ),
            LATIN,
        ).map("=".join),
        max_size=4,
    ).map("&".join),
)  # fmt: skip
ANSWERS = {200, 201, 202, 400, 401, 404, 405, 412, 413, 501}


def answer(
    api: Api, method: str, target: str, header: list[tuple[str, str]], body: bytes
) -> Response:
    scope = scope_of(method, target, [BEARER, *header])
    return response_of(run(api.app, scope, {"type": "http.request", "body": body}))


@given(METHODS, PATHS, QUERIES, HEADERS)
def test_any_request_gets_an_answer_of_the_service(
    method: str, path: str, query: str, header: list[tuple[str, str]]
) -> None:
    defects: list[BaseException] = []
    api = Api(on_defect=defects.append)
    api.publish()
    before = api.state()

    response = answer(api, method, f"{path}?{query}", header, b"hi")

    assert defects == []
    assert response.status in ANSWERS
    assert response.status < 400 or api.state() == before


@given(LATIN, QUERIES, HEADERS, st.binary(max_size=20))
def test_any_publish_is_delivered_or_refused(
    path: str, query: str, header: list[tuple[str, str]], body: bytes
) -> None:
    defects: list[BaseException] = []
    api = Api(on_defect=defects.append)
    before = api.state()

    target = f"/v2/publish/https://shop.test/{path}?{query}"
    response = answer(api, "POST", target, header, body)
    shown = [answer(api, "GET", target, [], b"") for target in ("/v2/logs", "/v2/dlq")]
    api.stage.advance(400 * 86_400_000)

    assert defects == []
    assert [listed.status for listed in shown] == [200, 200]
    assert (response.status == 201) == (api.state() != before)
    assert [request.body for request in api.stage.destination.requests] == (
        [body] if response.status == 201 else []
    )
    assert all(request.headers for request in api.stage.destination.requests)
