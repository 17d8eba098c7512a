"""Flow control keys over HTTP."""

import pytest

from tests.api.client import EMPTY, SOMEBODY_ELSE, Api, error_response, json_response
from tests.builders import SECOND

EMPTY_KEY = error_response(400, "flow control key is required")


def with_key(value: str, key: str = "k") -> Api:
    api = Api()
    api.publish(
        ("Upstash-Flow-Control-Key", key),
        ("Upstash-Flow-Control-Value", value),
        ("Upstash-Delay", "1h"),
    )
    return api


def shown(
    key: str = "k",
    limits: str = '"parallelismMax":0,"parallelismCount":0,"rateMax":0,"rateCount":0',
    period: str = '"ratePeriod":1,"ratePeriodStart":0',
    flags: str = '"isPaused":false,"isPinnedParallelism":false,"isPinnedRate":false',
) -> str:
    return f'{{"flowControlKey":"{key}","waitListSize":0,{limits},{period},{flags}}}'


@pytest.mark.fidelity("GET /v2/flowControl/{key}", "docs")
def test_a_key_is_shown_with_the_limits_of_its_message() -> None:
    api = with_key("parallelism=2, rate=10, period=1m")

    assert api.call("GET", "/v2/flowControl/k") == json_response(
        200,
        shown(
            limits='"parallelismMax":2,"parallelismCount":0,"rateMax":10,"rateCount":0',
            period='"ratePeriod":60,"ratePeriodStart":0',
        ),
    )


@pytest.mark.fidelity("GET /v2/flowControl", "docs")
def test_keys_are_listed_by_name_and_searched_in_any_case() -> None:
    api = with_key("rate=1", "user-B")
    for key in ("user-a", "other", "USER-C"):
        api.has("POST", f"/v2/flowControl/{key}/resume")

    def keys(query: str) -> list[str]:
        return [one["flowControlKey"] for one in api.read(f"/v2/flowControl{query}")]

    assert keys("") == keys("/") == keys("?search=") == ["USER-C", "other", "user-B", "user-a"]
    assert keys("?search=user") == keys("?search=USER") == ["USER-C", "user-B", "user-a"]
    assert keys("?search=x") == []
    assert api.call("GET", "/v2/flowControl", token=SOMEBODY_ELSE) == json_response(200, "[]")


@pytest.mark.fidelity("POST /v2/flowControl/{key}/pause", "sdk")
@pytest.mark.fidelity("POST /v2/flowControl/{key}/resume", "sdk")
@pytest.mark.parametrize("path", ["/v2/flowControl/k", "/v2/flowcontrol/k", "/V2/FLOWCONTROL/k"])
def test_a_key_is_paused_and_resumed_also_if_nothing_has_named_it(path: str) -> None:
    api = Api()
    is_paused = '"isPaused":true,"isPinnedParallelism":false,"isPinnedRate":false'

    assert api.call("POST", f"{path}/pause") == EMPTY
    assert api.call("GET", path) == json_response(200, shown(flags=is_paused))
    assert api.call("POST", f"{path}/resume") == EMPTY
    assert api.call("GET", path) == json_response(200, shown())


@pytest.mark.fidelity("POST /v2/flowControl/{key}/pin", "sdk")
@pytest.mark.fidelity("POST /v2/flowControl/{key}/unpin", "docs")
def test_limits_are_pinned_and_unpinned() -> None:
    api = with_key("rate=1")
    limits = '"parallelismMax":3,"parallelismCount":0,"rateMax":20,"rateCount":0'
    period = '"ratePeriod":60,"ratePeriodStart":1767225600'

    assert api.call("POST", "/v2/flowControl/k/pin?parallelism=3&rate=20&period=60") == EMPTY
    both = '"isPaused":false,"isPinnedParallelism":true,"isPinnedRate":true'
    assert api.call("GET", "/v2/flowControl/k") == json_response(
        200, shown("k", limits, period, both)
    )

    assert api.call("POST", "/v2/flowControl/k/unpin?rate=true") == EMPTY
    one = '"isPaused":false,"isPinnedParallelism":true,"isPinnedRate":false'
    assert api.call("GET", "/v2/flowControl/k") == json_response(
        200, shown("k", limits, period, one)
    )

    assert api.call("POST", "/v2/flowControl/k/unpin?parallelism=true&rate=true") == EMPTY
    assert api.call("GET", "/v2/flowControl/k") == json_response(200, shown("k", limits, period))


@pytest.mark.fidelity("POST /v2/flowControl/{key}/resetRate", "sdk")
@pytest.mark.fidelity("POST /v2/flowControl/{key}/reset", "docs")
@pytest.mark.parametrize("action", ["resetRate", "reset", "resetrate", "RESET"])
def test_a_rate_is_reset(action: str) -> None:
    api = Api()
    flow = (("Upstash-Flow-Control-Key", "k"), ("Upstash-Flow-Control-Value", "rate=2,period=1h"))
    api.publish(*flow)
    api.stage.advance(SECOND)
    used = api.read("/v2/flowControl/k")

    assert (used["rateCount"], used["ratePeriodStart"]) == (1, 1767225600)
    assert api.call("POST", f"/v2/flowControl/k/{action}") == EMPTY
    assert api.read("/v2/flowControl/k") == {
        **used,
        "rateCount": 0,
        "ratePeriodStart": 1767225601,
    }


@pytest.mark.fidelity("GET /v2/globalParallelism", "sdk")
def test_the_parallelism_of_a_user_is_told() -> None:
    assert Api().call("GET", "/v2/globalParallelism") == json_response(
        200, '{"parallelismMax":100,"parallelismCount":0}'
    )
    assert Api().call("GET", "/v2/globalparallelism/").status == 200


def test_a_key_in_a_path_is_decoded_once() -> None:
    api = Api()

    assert api.call("POST", "/v2/flowControl/a%2Fb%25/pause") == EMPTY
    assert [one["flowControlKey"] for one in api.read("/v2/flowControl")] == ["a/b%"]


def test_a_key_that_nothing_has_named_is_not_found() -> None:
    api = Api()
    before = api.state()

    assert api.call("GET", "/v2/flowControl/k") == error_response(
        404, "flow control key k not found"
    )
    assert api.state() == before


@pytest.mark.parametrize("action", ["pause", "resume", "pin?rate=1", "unpin", "resetRate", "reset"])
def test_an_action_on_an_empty_key_is_refused_and_nothing_happens(action: str) -> None:
    api = Api()
    before = api.state()

    assert api.call("POST", f"/v2/flowControl//{action}") == EMPTY_KEY
    assert api.state() == before


def test_an_empty_key_is_refused_after_the_method_and_the_caller() -> None:
    assert Api().call("GET", "/v2/flowControl//") == EMPTY_KEY
    assert Api().call("POST", "/v2/flowControl//pause", token=None).status == 401
    assert Api().call("GET", "/v2/flowControl//pause").status == 405


def positive(key: str, value: str) -> str:
    return f'invalid {key}: expected a positive integer, got "{value}"'


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("pin", "at least one of parallelism or rate must be provided"),
        ("pin?period=5", "at least one of parallelism or rate must be provided"),
        ("pin?parallelism=0", positive("parallelism", "0")),
        ("pin?parallelism=-1", positive("parallelism", "-1")),
        ("pin?parallelism=x&rate=1", positive("parallelism", "x")),
        ("pin?rate=1.5", positive("rate", "1.5")),
        ("pin?rate=1&period=0", positive("period", "0")),
        ("pin?rate=1&x=1", "unknown query parameter: x"),
        ("unpin?rate=maybe", 'invalid rate: expected a boolean, got "maybe"'),
        ("unpin?x=true", "unknown query parameter: x"),
    ],
)
def test_a_bad_action_is_refused_and_nothing_happens(action: str, text: str) -> None:
    api = with_key("rate=1")
    before = api.state()

    assert api.call("POST", f"/v2/flowControl/k/{action}") == error_response(400, text)
    assert api.state() == before


def test_a_bad_search_is_refused() -> None:
    assert Api().call("GET", "/v2/flowControl?key=k") == error_response(
        400, "unknown query parameter: key"
    )
