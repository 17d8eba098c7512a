"""Faults as values: from Python, from JSON and back, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.api.faults.fault import (
    ApiFault,
    ApiFaultKind,
    api_fault,
    fault_of_json,
    json_of_fault,
)
from fakestash.errors import UsageError

FIELDS = (
    "route, method, destination, user, after, every, times, probability, took, takes_effect, "
    "status, text, quota, limit"
)


def test_a_fault_is_made_in_python() -> None:
    assert api_fault(
        "error", route="publish", method="post", destination="https://Shop.test/", took="1.5s"
    ) == ApiFault(
        kind=ApiFaultKind.ERROR,
        route="publish",
        method="POST",
        destination="https://shop.test",
        took=timedelta(seconds=1.5),
    )


def test_a_fault_is_made_of_json_in_camel_case_where_null_is_nothing() -> None:
    value = {"kind": "dropped", "takesEffect": True, "times": 2, "user": None, "took": 2}

    assert fault_of_json(value) == api_fault("dropped", takes_effect=True, times=2, took=2)


def test_a_slow_call_always_takes_effect() -> None:
    assert api_fault("slow", took=1).takes_effect
    assert api_fault("slow", took=1, takes_effect=False).takes_effect


def test_a_fault_is_written_as_the_call_that_adds_it() -> None:
    fault = api_fault("burst", route="dlq", times=2, took="3s")

    assert str(fault) == "faults.add('burst', times=2, route='dlq', took=3.0)"
    assert str(api_fault("dropped")) == "faults.add('dropped')"


def test_a_fault_is_json_again() -> None:
    fault = api_fault("quota", quota="MAXQUEUES", limit=0, every=3, takes_effect=True)

    assert json_of_fault(fault) == {
        "kind": "quota",
        "every": 3,
        "takesEffect": True,
        "quota": "maxQueues",
        "limit": 0,
    }


@given(
    st.fixed_dictionaries(
        {"kind": st.sampled_from([str(kind) for kind in ApiFaultKind if kind != "slow"])},
        optional={
            "route": st.sampled_from(["publish", "/v2/dlq", "queues/{name}/pause"]),
            "method": st.sampled_from(["GET", "POST"]),
            "destination": st.sampled_from(["orders", "https://shop.test/hook?x=1"]),
            "user": st.text(min_size=1),
            "after": st.integers(0, 9),
            "every": st.integers(1, 9),
            "times": st.integers(1, 9),
            "probability": st.floats(0, 1, exclude_min=True),
            "took": st.integers(0, 10**9).map(lambda millis: millis / 1000),
            "takesEffect": st.booleans(),
        },
    )
)
def test_every_fault_comes_back_from_json(value: dict[str, Any]) -> None:
    fault = fault_of_json(value)

    assert fault_of_json(json_of_fault(fault)) == fault


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "kind is missing: one of daily, burst, chat, quota, error, slow, dropped"),
        (
            {"kind": "odd"},
            "kind must be one of daily, burst, chat, quota, error, slow, dropped, got 'odd'",
        ),
        ({"kind": "error", "rout": 1}, f"a fault has no 'rout': it has kind, {FIELDS}"),
        ({"kind": "slow"}, 'took is missing: how late the answer is, such as took="3s"'),
        ({"kind": "slow", "took": 0}, 'took is missing: how late the answer is, such as took="3s"'),
        (
            {"kind": "burst", "status": 500},
            "status=500 means nothing for the kind burst: it is for error",
        ),
        (
            {"kind": "error", "limit": 5},
            "limit=5 means nothing for the kind error: it is for daily, burst, chat, quota",
        ),
        (
            {"kind": "error", "status": 200},
            "status must be that of a failure, from 400 to 599, got 200",
        ),
        (
            {"kind": "error", "method": "HEAD"},
            "method must be one of GET, POST, PUT, PATCH, DELETE, got 'HEAD'",
        ),
        ({"kind": "error", "user": ""}, "user must be a text that is not empty, got ''"),
        ({"kind": "error", "text": 5}, "text must be a text that is not empty, got 5"),
        ({"kind": "daily", "limit": -1}, "limit must be a whole number from 0 on, got -1"),
        ({"kind": "error", "takesEffect": 1}, "takes_effect must be true or false, got 1"),
        ({"kind": "error", "times": 0}, "times must be a whole number from 1 on, got 0"),
    ],
)
def test_what_means_nothing_is_refused_with_field_and_value(
    given: dict[str, Any], text: str
) -> None:
    with pytest.raises(UsageError) as raised:
        fault_of_json(given)

    assert str(raised.value) == text


@pytest.mark.parametrize("value", [[], "burst", None])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(UsageError) as raised:
        fault_of_json(value)

    assert str(raised.value) == (
        f'a fault is a JSON object, such as {{"kind": "burst"}}, got {value!r}'
    )


@pytest.mark.parametrize(
    ("field", "value", "begins"),
    [
        ("destination", "ftp://shop.test", "'ftp://shop.test' is not a destination: "),
        ("took", "soon", "took cannot be read: 'soon'; "),
        ("took", [], "took cannot be [], a list: "),
        ("quota", "queues", "quota must be one of maxDelay, maxMessageSize, "),
    ],
)
def test_values_are_judged_as_elsewhere(field: str, value: object, begins: str) -> None:
    kind = "quota" if field == "quota" else "error"
    with pytest.raises(UsageError) as raised:
        fault_of_json({"kind": kind, field: value})

    assert str(raised.value).startswith(begins)
