"""Whatever is sent to the control API: an answer as described, never a defect."""

import json

from hypothesis import given
from hypothesis import strategies as st

from fakestash import FakeQStash
from fakestash.control.scripts import CONDITIONS
from fakestash.control.table import ROUTES
from tests.builders import START, URL
from tests.control.remote import Remote

NAMES = sorted({name for endpoint in ROUTES.values() for name in endpoint.fields})
QUERIES = sorted({name for endpoint in ROUTES.values() for name in endpoint.query})
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["1h", "5s", "-1", "now", "2026-01-01T00:00:05Z", URL, "manual", "auto", "rate", "delivered",
     "published", "scheduled", "upcoming", "nothing_pending", "retried", "firing", "POST", "one"]
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.sampled_from([0, 1, 3, START, START + 5000, 200, 503])
    | st.floats()
    | TEXTS
)
JSON = st.recursive(
    LEAVES,
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | TEXTS, values, max_size=4)
        | st.fixed_dictionaries({"status": values, "body": values})
        | st.fixed_dictionaries({"fault": values})
        | st.fixed_dictionaries({"contains": values})
        | st.fixed_dictionaries({"min": values})
        | st.fixed_dictionaries({"when": values, "answers": values})
        | st.dictionaries(st.sampled_from(sorted(CONDITIONS)), values, max_size=3)
    ),
    max_leaves=8,
)
ROUTE = st.sampled_from(sorted(ROUTES))
PARTS = st.sampled_from(["one", "daily", "msg_x", "", "%FF", "a b", "..", "\N{SNOWMAN}"])


def busy() -> Remote:
    """A fake that has something of everything."""
    fake = FakeQStash()
    fake.destination(URL).responds(500, 200)
    remote = Remote(fake)
    remote.publish(URL, body=b'{"a":[1]}')
    remote.publish(URL, ("Upstash-Delay", "1h"), ("Upstash-Retires", "1"))
    remote.publish(
        URL, ("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "daily"), version="v2/schedules"
    )
    remote.done("/clock/advance", {"duration": "1s"})
    remote.done("/snapshots", {"name": "one"})
    return remote


@given(ROUTE, PARTS, st.data())
def test_any_call_of_a_route_is_answered_as_described(
    route: tuple[str, str], part: str, data: st.DataObject
) -> None:
    method, template = route
    endpoint = ROUTES[route]
    remote = busy()
    path = template.removeprefix("/_fakestash")
    path = path.partition("{")[0] + part + path.partition("}")[2] if "{" in path else path
    queries = st.dictionaries(st.sampled_from([*endpoint.query, *QUERIES]), TEXTS, max_size=2)
    query = "&".join(f"{name}={value}" for name, value in data.draw(queries).items())
    known = st.sampled_from(sorted(endpoint.fields)) if endpoint.fields else TEXTS
    body = data.draw(st.dictionaries(known, JSON, max_size=4) | JSON)
    if isinstance(body, dict) and "timeout" in body:
        body["timeout"] = 0

    target = f"{path}?{query}".encode().decode("latin-1")
    status, _ = remote.call(method, target, json.dumps(body).encode())  # checks the answer

    assert status < 500 or status == 501


@given(st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD"]), st.text(max_size=20), st.binary())
def test_any_path_and_any_bytes_are_answered(method: str, path: str, body: bytes) -> None:
    target = f"/{path}".encode().decode("latin-1")

    response = busy().response(method, target, body)

    assert response.status < 500 or response.status == 501


@given(JSON)
def test_any_json_that_is_asserted_is_so_or_not(value: object) -> None:
    status, found = busy().post("/assert", {"assert": "delivered", "url": URL, "json": value})

    assert (status, "ok" in found) == (200, True)


@given(st.dictionaries(st.sampled_from(sorted(CONDITIONS)), JSON, max_size=3), st.lists(JSON))
def test_any_rule_is_written_down_or_refused(when: object, answers: object) -> None:
    remote = busy()

    body = {"url": URL, "rules": [{"when": when, "answers": answers}]}
    status, _ = remote.post("/destinations", body)  # checks the answer
    remote.publish(URL, body=b'{"a":[1]}')
    moved, _ = remote.post("/clock/next")

    assert status in {200, 400}
    assert moved == 200
