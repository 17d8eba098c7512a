"""Every error text that the service sends, in one place.

Each function makes one refusal. Texts seen in traffic of the service are marked
"measured", those read from its SDKs, documents or user reports likewise; all others are
our wording (D14 where nothing else is named).
"""

from typing import Final

from fakestash.errors import ServiceError


def read_only_token() -> ServiceError:
    """A call that changes something, with a read-only token (D7)."""
    return ServiceError(403, "read-only token is not allowed to perform this operation")


def missing_token() -> ServiceError:
    """No token, an empty one, or a scheme other than Bearer."""
    return ServiceError(401, "unable to authenticate: missing token")


def invalid_token() -> ServiceError:
    """A token that belongs to no user (measured)."""
    return ServiceError(401, "unable to authenticate: invalid token")


def route_not_found(method: str, path: str) -> ServiceError:
    """No such route."""
    return ServiceError(404, f"route not found: {method} {path}")


def method_not_allowed(method: str, path: str, allowed: str) -> ServiceError:
    """The route exists, but not with this method."""
    return ServiceError(405, f"method not allowed: {method} {path}", (("Allow", allowed),))


def not_supported_yet(what: str) -> ServiceError:
    """A part of the service that this version of the fake does not have: no text of the service."""
    return ServiceError(
        501, f"fakestash does not support {what} yet: see the table of differences in its README"
    )


def unknown_to_the_service(note: str) -> ServiceError:
    """What the service would pass over, where it is to be refused: no text of the service."""
    return ServiceError(400, f"{note} (refused by strict_api)")


def no_room(what: str, way_out: str) -> ServiceError:
    """More than is to be kept of a user: no text of the service."""
    return ServiceError(507, f"fakestash keeps {what} of a user at most: {way_out}")


def request_too_large() -> ServiceError:
    """The request as a whole is over the limit (D19)."""
    return ServiceError(413, "request body too large")


def internal_error() -> ServiceError:
    """A defect of the fake."""
    return ServiceError(500, "internal server error")


# --- destination -------------------------------------------------------------------------


def empty_destination() -> ServiceError:
    """Nothing after ``/publish/`` (text from an SDK; status D10)."""
    return ServiceError(400, "a non-empty destination must be provided")


def invalid_scheme(what: str = "destination url") -> ServiceError:
    """A destination that is neither a URL nor a name (measured)."""
    return ServiceError(
        400, f"invalid {what}: endpoint has invalid scheme, add http:// or https://"
    )


def invalid_destination_url(url: str, what: str = "destination url") -> ServiceError:
    """A URL that no request could be sent to."""
    return ServiceError(400, f'invalid {what}: cannot parse url "{url}"')


def loopback_destination(address: str) -> ServiceError:
    """A URL on the service's own machine, where strict hosts are asked for (measured; D31)."""
    return ServiceError(
        400, f"invalid destination url: endpoint resolves to a loopback address: {address}"
    )


def api_llm_not_supported() -> ServiceError:
    """The vendor-hosted model is gone and has no stand-in here (D132)."""
    return ServiceError(400, "invalid destination url: api/llm is not supported")


def topic_not_found(name: str) -> ServiceError:
    """No URL group of that name (text from an SDK; status D11)."""
    return ServiceError(404, f"topic {name} not found")


# --- values of headers -------------------------------------------------------------------


def invalid_delay(value: str) -> ServiceError:
    """``Upstash-Delay`` is no duration."""
    return ServiceError(400, f'invalid delay: cannot parse duration "{value}"')


def invalid_not_before(value: str) -> ServiceError:
    """``Upstash-Not-Before`` is no unix time."""
    return ServiceError(
        400, f'invalid not before: expected a unix timestamp in seconds, got "{value}"'
    )


def invalid_timeout(value: str) -> ServiceError:
    """``Upstash-Timeout`` is no duration, or zero."""
    return ServiceError(400, f'invalid timeout: cannot parse duration "{value}"')


def invalid_retries(value: str) -> ServiceError:
    """``Upstash-Retries`` is no natural number."""
    return ServiceError(400, f'invalid retries: expected a non-negative integer, got "{value}"')


def invalid_method(value: str) -> ServiceError:
    """``Upstash-Method`` names a method that is not delivered."""
    return ServiceError(
        400, f'invalid method: expected one of GET, POST, PUT, PATCH, DELETE, got "{value}"'
    )


def invalid_header_forward(value: str) -> ServiceError:
    """``Upstash-Header-Forward`` is no boolean."""
    return ServiceError(400, f'invalid header forward: expected a boolean, got "{value}"')


def invalid_content_based_deduplication(value: str) -> ServiceError:
    """``Upstash-Content-Based-Deduplication`` is no boolean."""
    return ServiceError(
        400, f'invalid content based deduplication: expected a boolean, got "{value}"'
    )


def invalid_forwarded_header(name: str) -> ServiceError:
    """A field to forward whose name or value no request can carry."""
    return ServiceError(400, f'invalid header: "{name}" cannot be forwarded')


def invalid_retry_delay(reason: str) -> ServiceError:
    """``Upstash-Retry-Delay`` is no expression."""
    return ServiceError(400, f"invalid retry delay expression: {reason}")


def invalid_label(reason: str) -> ServiceError:
    """``Upstash-Label`` breaks one of our limits."""
    return ServiceError(400, f"invalid label: {reason}")


def invalid_deduplication_id() -> ServiceError:
    """``Upstash-Deduplication-Id`` is too long, or has control characters."""
    return ServiceError(400, "invalid deduplication id")


def deduplication_id_with_colon() -> ServiceError:
    """``Upstash-Deduplication-Id`` holds a colon (measured)."""
    return ServiceError(400, "DeduplicationId cannot contain ':'")


def deduplication_id_with_blank() -> ServiceError:
    """``Upstash-Deduplication-Id`` holds white space, in version 1 (rule documented)."""
    return ServiceError(400, "DeduplicationId cannot contain whitespace")


def invalid_name(what: str) -> ServiceError:
    """A queue name, schedule id or topic name outside ``[A-Za-z0-9._-]+`` (the rule is documented).

    ``what`` is ``queue name``, ``schedule id`` or ``topic name``.
    """
    return ServiceError(
        400,
        f"{what} can only contain alphanumeric characters, hyphens, periods and underscores",
    )


def invalid_flow_control_value(reason: str) -> ServiceError:
    """``Upstash-Flow-Control-Value`` cannot be read."""
    return ServiceError(400, f"invalid flow control value: {reason}")


def flow_control_value_missing() -> ServiceError:
    """A key without limits."""
    return ServiceError(400, "flow control value is required when flow control key is set")


def flow_control_key_missing() -> ServiceError:
    """Limits without a key."""
    return ServiceError(400, "flow control key is required when flow control value is set")


def flow_control_key_empty() -> ServiceError:
    """A route of flow control without a key in it."""
    return ServiceError(400, "flow control key is required")


def invalid_redact_fields(field: str) -> ServiceError:
    """``Upstash-Redact-Fields`` names what cannot be redacted."""
    return ServiceError(400, f'invalid redact fields: unknown field "{field}"')


def invalid_cron(reason: str) -> ServiceError:
    """The cron expression cannot be read (measured for an empty one; reasons D16)."""
    return ServiceError(400, f"Invalid cron expression {reason}")


def delayed_callback() -> ServiceError:
    """A callback with a delay or not-before (refusal documented; text D17)."""
    return ServiceError(400, "delayed callbacks are not supported")


def delay_with_queue() -> ServiceError:
    """A delay or not-before when enqueuing (refusal reported; text D18)."""
    return ServiceError(400, "delay is not supported for queues")


def callback_missing() -> ServiceError:
    """``api/llm`` without a callback (D132)."""
    return ServiceError(400, "callback is required for api/llm")


# --- JSON bodies -------------------------------------------------------------------------


def invalid_body_shape(expected: str) -> ServiceError:
    """The body is JSON, but not ``a json object`` or ``a json array``."""
    return ServiceError(400, f"invalid body: expected {expected}")


def missing_field(field: str) -> ServiceError:
    """A field that has to be there is not."""
    return ServiceError(400, f'invalid body: field "{field}" is required')


def invalid_field(field: str, rule: str) -> ServiceError:
    """A field breaks its rule, such as ``must be a string``."""
    return ServiceError(400, f'invalid body: field "{field}" {rule}')


# --- quotas ------------------------------------------------------------------------------


def quota_exceeded(quota: str, limit: int) -> ServiceError:
    """A value beyond the plan; seen for ``maxDelay``, assumed alike for the others (D12, D15)."""
    return ServiceError(412, f"quota {quota} exceeded, current limit: {limit}")


def daily_limit_exceeded(limit: int, reset: int) -> ServiceError:
    """No more messages today (headers and values measured; text D20). ``reset`` is unix s."""
    return ServiceError(429, "exceeded daily rate limit", _used_up("RateLimit", limit, reset))


def burst_limit_exceeded(limit: int, reset: int) -> ServiceError:
    """Too many calls within a second (headers from SDKs; text D20). ``reset`` is unix s."""
    return ServiceError(429, "exceeded burst rate limit", _used_up("Burst-RateLimit", limit, reset))


def _used_up(prefix: str, limit: int, reset: int) -> tuple[tuple[str, str], ...]:
    return (
        (f"{prefix}-Limit", str(limit)),
        (f"{prefix}-Remaining", "0"),
        (f"{prefix}-Reset", str(reset)),
    )


def chat_limit_exceeded(limit: int) -> ServiceError:
    """Too many calls of the language model that the service had (names from an SDK; values D20)."""
    left = {"limit-requests": str(limit), "remaining-requests": "0", "reset-requests": "1s"}
    left |= {"limit-tokens": "100000", "remaining-tokens": "99000", "reset-tokens": "600ms"}
    headers = tuple((f"x-ratelimit-{name}", value) for name, value in left.items())
    return ServiceError(429, "exceeded chat rate limit", headers)


# --- things that are not there -----------------------------------------------------------


def message_not_found(message_id: str) -> ServiceError:
    """The message is unknown, finished or cancelled (measured)."""
    return ServiceError(404, f"message {message_id} not found")


def dead_letter_not_found(dlq_id: str) -> ServiceError:
    """No such entry in the dead letter queue."""
    return ServiceError(404, f"dlq message {dlq_id} not found")


def dead_letters_not_found() -> ServiceError:
    """Some of the ids of a bulk retry are not in the queue (status documented)."""
    return ServiceError(404, "some messages were not found in the dlq")


def endpoint_not_found(endpoint_id: str) -> ServiceError:
    """No endpoint of this id, in version 1."""
    return ServiceError(404, f"endpoint {endpoint_id} not found")


def task_not_found(task_id: str) -> ServiceError:
    """No task of this id, in version 1."""
    return ServiceError(404, f"task {task_id} not found")


def topic_exists(name: str) -> ServiceError:
    """A second topic of the same name, in version 1 (D129)."""
    return ServiceError(409, f"topic {name} already exists")


def queue_not_found(name: str) -> ServiceError:
    """No queue of that name."""
    return ServiceError(404, f"queue {name} not found")


def schedule_not_found(schedule_id: str) -> ServiceError:
    """No such schedule."""
    return ServiceError(404, f"schedule {schedule_id} not found")


def flow_control_key_not_found(key: str) -> ServiceError:
    """No message has named this flow control key yet."""
    return ServiceError(404, f"flow control key {key} not found")


# --- lists -------------------------------------------------------------------------------


def unknown_query_parameter(key: str) -> ServiceError:
    """A key that this list does not have (D13)."""
    return ServiceError(400, f"unknown query parameter: {key}")


def invalid_count(value: str, largest: int) -> ServiceError:
    """``count`` is no natural number."""
    return ServiceError(
        400, f'invalid count: expected an integer between 1 and {largest}, got "{value}"'
    )


def invalid_choice(key: str, value: str) -> ServiceError:
    """``order``, ``state``, ``groupBy`` or ``cursor`` has a value that is none of its own."""
    return ServiceError(400, f"invalid {key}: {value}")


def invalid_number(key: str, value: str) -> ServiceError:
    """A numeric filter got something else."""
    return ServiceError(400, f'invalid {key}: expected an integer, got "{value}"')


def invalid_limit(key: str, value: str) -> ServiceError:
    """A limit to pin is no positive integer (400 documented)."""
    return ServiceError(400, f'invalid {key}: expected a positive integer, got "{value}"')


def nothing_to_pin() -> ServiceError:
    """A pin without any limit (400 documented)."""
    return ServiceError(400, "at least one of parallelism or rate must be provided")


def period_without_rate() -> ServiceError:
    """A period to pin, and no rate that it could be the period of (D75)."""
    return ServiceError(400, "period can only be pinned together with rate")


def invalid_boolean(key: str, value: str) -> ServiceError:
    """A query parameter that is no boolean."""
    return ServiceError(400, f'invalid {key}: expected a boolean, got "{value}"')


def invalid_json_body() -> ServiceError:
    """A body that should be JSON is not."""
    return ServiceError(400, "invalid json body")


LABEL_CONTROL_CHARACTER: Final = "control characters are not allowed"
LABEL_TOO_LONG: Final = "a label can have at most {limit} characters"
LABEL_TOO_MANY: Final = "at most {limit} labels are allowed"

FLOW_CONTROL_NO_PAIR: Final = 'expected key=value, got "{pair}"'
FLOW_CONTROL_UNKNOWN_KEY: Final = 'unknown key "{key}"'
FLOW_CONTROL_NO_LIMIT: Final = "at least one of parallelism or rate must be provided"
FLOW_CONTROL_NOT_POSITIVE: Final = "{key} must be a positive integer"
FLOW_CONTROL_NO_PERIOD: Final = "period must be a positive duration"
FLOW_CONTROL_LONG_PERIOD: Final = "period cannot exceed {limit} seconds"
