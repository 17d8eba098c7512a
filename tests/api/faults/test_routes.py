"""Routes of faults: which paths they are for, and which are none."""

import pytest

from fakestash.api.faults.routes import checked_route, is_on
from fakestash.api.table import V1, V2
from fakestash.errors import UsageError


@pytest.mark.parametrize(
    ("route", "path", "is_there"),
    [
        ("publish", "/v2/publish/https://shop.test/hook", True),
        ("publish", "/v1/publish/https://shop.test/hook", True),
        ("/V2/Publish/", "/v2/publish/https://shop.test/hook", True),
        ("v2/publish", "/v1/publish/https://shop.test/hook", False),
        ("publish/{destination}", "/v2/publish/https://shop.test/hook", True),
        ("publish", "/v2/publishers", False),
        ("dlq", "/v2/dlq", True),
        ("dlq", "/v2/dlq/retry/1-0", True),
        ("dlq/retry", "/v2/dlq/1-0", False),
        ("dlq/{dlqId}", "/v2/dlq", False),
        ("queues/{name}/pause", "/v2/queues/orders/pause", True),
        ("queues/{name}/pause", "/v2/queues/orders", False),
        ("queues/orders", "/v2/queues/orders/pause", True),
        ("queues/orders", "/v2/queues/mails/pause", False),
    ],
)
def test_a_route_is_the_beginning_of_a_path(route: str, path: str, is_there: bool) -> None:
    assert is_on(checked_route(route), path) is is_there


@pytest.mark.parametrize("template", [*V1, *V2])
def test_every_route_of_the_service_is_one(template: str) -> None:
    assert is_on(checked_route(template), template)
    assert is_on(checked_route(template[len("/v2/") :]), template)


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ("publsh", ": did you mean 'publish'? paths begin with batch, dlq, "),
        ("/v2/queue", ": did you mean 'queues'? paths begin with batch, dlq, "),
        ("queues/orders/pauze", "; paths begin with batch, dlq, "),
        ("v2/batch/x", "; paths begin with batch, dlq, "),
        ("v2", None),
        ("/", "; paths begin with batch, dlq, "),
        ("workflows", "; paths begin with batch, dlq, "),
    ],
)
def test_what_no_path_begins_with_is_refused(route: str, told: str | None) -> None:
    if told is None:
        assert checked_route(route) == route
        return
    with pytest.raises(UsageError) as raised:
        checked_route(route)

    start = f"route {route!r} is the beginning of no path of the service"
    assert str(raised.value).startswith(start + told)
    assert str(raised.value).endswith("and an example is 'queues/{name}/pause'")
