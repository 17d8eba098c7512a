"""Every error text that the service sends, in one place.

Each function makes one refusal. Texts seen in traffic of the service are marked
"measured", those read from its SDKs, documents or user reports likewise; all others are
our wording (D14 where nothing else is named).
"""

from typing import Final

from fakestash.errors import ServiceError


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


def invalid_destination_url(url: str) -> ServiceError:
    """A URL that no request could be sent to."""
    return ServiceError(400, f'invalid destination url: cannot parse url "{url}"')


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


# --- quotas ------------------------------------------------------------------------------


def quota_exceeded(quota: str, limit: int) -> ServiceError:
    """A value beyond the plan; seen for ``maxDelay``, assumed alike for the others (D12, D15)."""
    return ServiceError(412, f"quota {quota} exceeded, current limit: {limit}")


# --- things that are not there -----------------------------------------------------------


def message_not_found(message_id: str) -> ServiceError:
    """The message is unknown, finished or cancelled (measured)."""
    return ServiceError(404, f"message {message_id} not found")


def dead_letter_not_found(dlq_id: str) -> ServiceError:
    """No such entry in the dead letter queue."""
    return ServiceError(404, f"dlq message {dlq_id} not found")


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


def invalid_json_body() -> ServiceError:
    """A body that should be JSON is not."""
    return ServiceError(400, "invalid json body")


LABEL_CONTROL_CHARACTER: Final = "control characters are not allowed"
LABEL_TOO_LONG: Final = "a label can have at most {limit} characters"
LABEL_TOO_MANY: Final = "at most {limit} labels are allowed"
