"""The settings of a message as keys: what messages, dead letters, log events and schedules share.

The objects place these keys differently and spell some of them differently, so each piece is
one function that adds its keys where its caller wants them, and takes the spelling that varies.
"""

from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.wire.json_values import JsonObject, header_map, put


def put_group(into: JsonObject, extras: Extras) -> None:
    """The URL group that a message was fanned out from, and its endpoint if that has a name."""
    put(into, "topicName", extras.topic)
    put(into, "endpointName", extras.endpoint)


def put_callbacks(into: JsonObject, extras: Extras, header_suffix: str) -> None:
    """Where reports go, and under ``callback<header_suffix>`` the headers forwarded there."""
    _put_callback(into, "callback", extras.callback, header_suffix)
    _put_callback(into, "failureCallback", extras.failure_callback, header_suffix)


def put_flow_control(into: JsonObject, control: FlowControl | None) -> None:
    """The key and limits of flow control; its period is always told."""
    if control is not None:
        into["flowControlKey"] = control.key
        put(into, "parallelism", control.parallelism)
        put(into, "rate", control.rate)
        into["period"] = control.period


def put_labels(into: JsonObject, labels: tuple[str, ...]) -> None:
    """The first label by itself and all of them, also where there is only one (D41)."""
    if labels:
        into["label"] = labels[0]
        into["labels"] = list(labels)


def _put_callback(
    into: JsonObject, key: str, callback: CallbackSettings | None, header_suffix: str
) -> None:
    if callback is not None:
        into[key] = callback.url
        if callback.headers:
            into[f"{key}{header_suffix}"] = header_map(callback.headers)
