"""Settings of a message as keys, wherever they are shown."""

import pytest

from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.wire.encode_settings import put_callbacks, put_flow_control, put_group, put_labels
from fakestash.wire.json_values import JsonObject


@pytest.mark.parametrize(
    ("extras", "keys"),
    [
        (Extras(), {}),
        (Extras(topic="shops"), {"topicName": "shops"}),
        (Extras(topic="shops", endpoint="a"), {"topicName": "shops", "endpointName": "a"}),
    ],
)
def test_an_endpoint_is_named_if_it_has_a_name(extras: Extras, keys: JsonObject) -> None:
    into: JsonObject = {}

    put_group(into, extras)

    assert into == keys


def test_the_headers_of_callbacks_are_spelled_as_the_caller_wants() -> None:
    into: JsonObject = {}
    extras = Extras(
        callback=CallbackSettings("https://a.test/", headers=(("x-a", "1"), ("X-A", "2"))),
        failure_callback=CallbackSettings("https://b.test/", headers=(("X-B", "3"),)),
    )

    put_callbacks(into, extras, "Things")

    assert list(into.items()) == [
        ("callback", "https://a.test/"),
        ("callbackThings", {"X-A": ["1", "2"]}),
        ("failureCallback", "https://b.test/"),
        ("failureCallbackThings", {"X-B": ["3"]}),
    ]


def test_a_callback_without_headers_is_its_url() -> None:
    into: JsonObject = {}

    put_callbacks(into, Extras(failure_callback=CallbackSettings("https://b.test/")), "Header")

    assert into == {"failureCallback": "https://b.test/"}


@pytest.mark.parametrize(
    ("control", "keys"),
    [
        (None, {}),
        (FlowControl("k", 2), {"flowControlKey": "k", "parallelism": 2, "period": 1}),
        (FlowControl("k", rate=5), {"flowControlKey": "k", "rate": 5, "period": 1}),
        (
            FlowControl("k", 2, 5, 60),
            {"flowControlKey": "k", "parallelism": 2, "rate": 5, "period": 60},
        ),
    ],
)
def test_flow_control_always_tells_its_period(
    control: FlowControl | None, keys: JsonObject
) -> None:
    into: JsonObject = {}

    put_flow_control(into, control)

    assert list(into.items()) == list(keys.items())


@pytest.mark.parametrize(
    ("labels", "keys"),
    [
        ((), {}),
        (("one",), {"label": "one", "labels": ["one"]}),
        (("one", "two"), {"label": "one", "labels": ["one", "two"]}),
    ],
)
def test_labels_are_the_first_and_all(labels: tuple[str, ...], keys: JsonObject) -> None:
    into: JsonObject = {}

    put_labels(into, labels)

    assert into == keys
