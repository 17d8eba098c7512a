"""Places: what a route or a filter on URLs stands for."""

from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.wire.destinations import is_deliverable
from fakestash.wire.urls import Target, target

__tracebackhide__ = shown_where_it_was_made


def place(url: str) -> str:
    """What a route, or a filter on URLs, stands for: an origin, a path, or a path with a query.

    Raises:
        UsageError: if ``url`` is not an absolute http(s) URL, or none that can be published to.
    """
    try:
        parts = target(url)
    except (AttributeError, TypeError, ValueError):  # the first two if it is no text
        raise UsageError(
            f"{url!r} is not a destination: give an origin such as 'https://shop.test' "
            "or a URL such as 'https://shop.test/hook'"
        ) from None
    if not is_deliverable(url):
        raise UsageError(
            f"{url!r} is not a destination, since nothing can be published to it: write the host "
            "in letters, digits and '-._~' (others in punycode: 'xn--...') or as an IPv6 address "
            "in brackets, and the rest in printable ASCII; there are no patterns"
        )
    if parts.query:
        return with_query(parts)
    return parts.origin if parts.path == "/" else parts.origin + parts.path


def covers(wanted: str, url: str) -> bool:
    """Whether ``url`` belongs to the place ``wanted`` (as ``place`` gives it)."""
    parts = target(url)
    return wanted in {parts.origin, parts.origin + parts.path, with_query(parts)}


def with_query(parts: Target) -> str:
    """The place of a URL with its query."""
    return f"{parts.origin}{parts.path}?{parts.query}"
