"""In which parts the URL that was checked differs from the one that was signed."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from fakestash.delivery.doctor.problem import Problem, RefusalCause
from fakestash.delivery.request_line import request_line

_PORTS: Final = {"http": 80, "https": 443}

_BEHIND_A_PROXY: Final = (
    "verify the URL that messages are published to, e.g. from a setting, and not the one that the "
    "app is reached by behind a proxy"
)
_ADVICE: Final = {
    "scheme": _BEHIND_A_PROXY,
    "host": _BEHIND_A_PROXY,
    "port": _BEHIND_A_PROXY,
    "user": "publish to a URL without user and password: apps do not see them",
    "path": "verify the whole path, with the prefix under which the app is mounted",
    "trailing slash": "publish to the URL as the app has it, with or without the slash",
    "query": "verify the URL with its whole query, as it came",
    "fragment": "publish to a URL without a fragment: apps do not see it",
    "spelling": "publish to the URL as the app's framework writes it",
}


def url_problem(sent: str, checked: Any) -> Problem | None:  # noqa: ANN401 - what the app used
    """What is wrong with the URL that was checked, if anything is."""
    if checked is None or checked == sent:
        return None
    if not isinstance(checked, str):
        return Problem(
            cause=RefusalCause.URL,
            what=f"the URL that was verified is no text but of the class {type(checked).__name__}",
            sent=repr(sent),
            checked=repr(checked),
            advice="give verify() text: str(request.url)",
        )
    parts = list(differing_parts(sent, checked))
    differ = "differs" if len(parts) == 1 else "differ"
    return Problem(
        cause=RefusalCause.URL,
        what=f"the URL that was verified is not the one that was signed: {_listed(parts)} {differ}",
        part=parts[0],
        sent=repr(sent),
        checked=repr(checked),
        advice=_ADVICE[parts[0]],
    )


def differing_parts(sent: str, checked: str) -> list[str]:
    """The names of the parts that differ; the spelling if it is that alone."""
    try:
        return list(_differing(urlsplit(sent), urlsplit(checked))) or ["spelling"]
    except ValueError:
        return ["spelling"]


def likely_view(url: str) -> str:
    """A URL as frameworks rebuild it from a request: its path decoded, no fragment."""
    line = request_line(url)
    query = f"?{line.query}" if line.query else ""
    return f"{line.scheme}://{line.netloc}{line.path}{query}"


def _differing(one: SplitResult, other: SplitResult) -> Iterator[str]:
    if one.scheme != other.scheme:
        yield "scheme"
    if (one.username, one.password) != (other.username, other.password):
        yield "user"
    if one.hostname != other.hostname:
        yield "host"
    if _port(one) != _port(other) and (one.port or other.port):
        yield "port"
    path, other_path = unquote(one.path), unquote(other.path)
    if path.rstrip("/") != other_path.rstrip("/"):
        yield "path"
    elif path != other_path:
        yield "trailing slash"
    if one.query != other.query:
        yield "query"
    if one.fragment != other.fragment:
        yield "fragment"


def _port(parts: SplitResult) -> int | None:
    return parts.port or _PORTS.get(parts.scheme)


def _listed(parts: list[str]) -> str:
    names = [f"its {part}" for part in parts]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
