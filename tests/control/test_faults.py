"""Faults of the service's own API over HTTP."""

import json

import pytest

from fakestash import FakeQStash
from fakestash.control.faults import MOST_FAULTS
from tests.api.client import BEARER, response_of, run, scope_of
from tests.builders import URL
from tests.control.remote import Remote


def publish(remote: Remote) -> int:
    event = {"type": "http.request", "body": b""}
    scope = scope_of("POST", f"/v2/publish/{URL}", (BEARER,))
    return response_of(run(remote.app, scope, event)).status


def test_calls_fail_as_asked_and_this_is_counted() -> None:
    remote = Remote()
    added = remote.done("/faults", {"kind": "error", "route": "publish", "status": 503, "times": 1})

    assert [publish(remote), publish(remote)] == [503, 201]
    assert added == {
        "id": added["id"],
        "met": 0,
        "struck": 0,
        "kind": "error",
        "route": "publish",
        "times": 1,
        "status": 503,
    }
    (shown,) = remote.get("/faults")["faults"]
    assert shown == {**added, "met": 2, "struck": 1}


def test_faults_end_one_by_one_or_all_together() -> None:
    remote = Remote()
    first, second, _ = (remote.done("/faults", {"kind": "burst"})["id"] for _ in range(3))

    assert remote.delete(f"/faults/{first}") == (204, None)
    assert second in {fault["id"] for fault in remote.get("/faults")["faults"]}
    assert remote.delete(f"/faults/{first}")[0] == 404
    assert remote.delete("/faults") == (204, None)
    assert remote.get("/faults") == {"faults": []}
    assert publish(remote) == 201


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "kind is missing"),
        ({"kind": "rain"}, "kind must be one of"),
        ({"kind": "error", "status": 200}, "status"),
        ({"kind": "error", "tims": 1}, "'tims' (1) means nothing here, did you mean 'times'?"),
    ],
)
def test_a_bad_fault_is_refused_by_name(body: object, complaint: str) -> None:
    remote = Remote()

    status, found = remote.post("/faults", body)

    assert status == 400
    assert found["error"].startswith(complaint)
    assert remote.get("/faults") == {"faults": []}


def test_there_are_only_so_many_faults() -> None:
    fake = FakeQStash()
    for _ in range(MOST_FAULTS):
        fake.faults.add("burst", route="publish")

    status, found = Remote(fake).post("/faults", {"kind": "burst"})

    assert (status, json.dumps(found)) == (
        429,
        '{"error": "there are 1000 faults, which is the most: delete some"}',
    )
