"""Calls of a server that runs: as much of an HTTP client as the command line needs.

It goes by no proxy and follows no redirect, for the server is on this machine or near; and it
waits for an answer as long as that takes, for time may have a long way to go.
"""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final, TypeAlias, cast
from urllib.parse import quote, urlencode, urlsplit

import click

from fakestash.cli.options import CONTROL_VARIABLE

Json: TypeAlias = dict[str, Any]

CONTROL: Final = "/_fakestash"
NDJSON: Final = "application/x-ndjson"

_SERVICE_DOMAINS: Final = ("upstash.io", "upstash.com")
_CONNECT_S: Final = 5.0
_UNAUTHORIZED: Final = 401
_REFUSED: Final = 400
_AS_THEY_ARE: Final = "%/:?@!$&'()*+,;=~[]"
"""What a URL within a path keeps; all else is sent in percent escapes."""


class Refused(click.ClickException):
    """What the server refused, or that there is none; exit code 1."""


class Server:
    """A server, called as a user.

    Args:
        url: where it is.
        token: the user's.
        control_token: what its control API wants, if it wants something.
    """

    def __init__(self, url: str, token: str, control_token: str | None = None) -> None:
        self.url = url.rstrip("/")
        try:
            self._place = urlsplit(self.url)
            self._port = self._place.port
        except ValueError:
            raise _no_url(url) from None
        if self._place.scheme not in ("http", "https") or not self._place.hostname:
            raise _no_url(url)
        if f".{self._place.hostname}".endswith(tuple(f".{each}" for each in _SERVICE_DOMAINS)):
            raise click.UsageError(
                f"{url} is the service itself, which these commands leave alone: "
                "name a server of your own with --url, or unset QSTASH_URL"
            )
        self._headers = {"Authorization": f"Bearer {token}"}
        if control_token:
            self._headers["X-Fakestash-Token"] = control_token

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str | bytes] | None = None,
    ) -> Json:
        """Call it: the JSON of the answer, an empty object if there is none.

        ``body`` is sent as JSON, or as it is if it consists of bytes. Of ``query``, what is None is
        left out.

        Raises:
            Refused: if there is no server, or it refuses.
        """
        with self._answer(method, path, body, query=query, headers=headers) as answer:
            return _parsed(answer.read(), self)

    def move(self, path: str, body: Json, tell: Callable[[Json], object]) -> Json:
        """Move time; the report. ``tell`` gets what is known of the progress meanwhile.

        Raises:
            Refused: if there is no server, or it refuses.
        """
        headers = {"Accept": f"{NDJSON}, application/json"}
        with self._answer("POST", f"{CONTROL}/clock/{path}", body, headers=headers) as answer:
            if not answer.headers.get("Content-Type", "").startswith(NDJSON):
                return _parsed(answer.read(), self)
            for line in answer:
                told = _parsed(line, self)
                if "progress" in told:
                    tell(told["progress"])
                elif "error" in told:
                    raise Refused(told["error"])
                else:
                    return cast("Json", told["report"])
        raise Refused(f"{self.url} broke the move off: it was stopped")

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        body: object,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str | bytes] | None = None,
    ) -> Generator[HTTPResponse, None, None]:
        """The answer to one call, which is no refusal and is still to be read."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = self._connected()
        try:
            connection.request(
                method, self._target(path, query), sent, {**self._headers, **(headers or {})}
            )
            answer = connection.getresponse()
            if answer.status >= _REFUSED:
                raise Refused(self._refusal(answer, path))
            yield answer
        except (HTTPException, OSError) as error:
            raise Refused(
                f"{self.url} gave no answer that can be read ({type(error).__name__}): "
                "is it a fakestash server, and still there?"
            ) from None
        finally:
            connection.close()

    def _connected(self) -> HTTPConnection:
        kind = HTTPSConnection if self._place.scheme == "https" else HTTPConnection
        made = kind(cast("str", self._place.hostname), self._port, timeout=_CONNECT_S)
        try:
            made.connect()
        except ConnectionRefusedError:
            raise Refused(
                f"nothing listens at {self.url}: start a server with `fakestash dev`, "
                "or say where one is with --url"
            ) from None
        except (OSError, UnicodeError) as error:
            raise Refused(f"cannot connect to {self.url}: {error}") from None
        made.sock.settimeout(None)
        return made

    def _target(self, path: str, query: Mapping[str, object] | None) -> str:
        given = [(name, value) for name, value in (query or {}).items() if value is not None]
        return f"{self._place.path}{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")

    def _refusal(self, answer: HTTPResponse, path: str) -> str:
        body = answer.read()
        try:
            text = str(json.loads(body)["error"])
        except (ValueError, TypeError, KeyError):
            return f"{self.url} answered {answer.status}: is it a fakestash server?"
        if text.startswith("route not found") and path.startswith(CONTROL):
            return f"{text}: {self.url} is no fakestash server, or one of another version"
        if answer.status == _UNAUTHORIZED and not path.startswith(CONTROL):
            return f"{text}; give --token or set QSTASH_TOKEN, or unset it for the default user"
        if answer.status == _UNAUTHORIZED and "control token" in text:
            told = text.partition(":")[0]
            return f"{told}: give --control-token, or set {CONTROL_VARIABLE}"
        return text


def escaped(text: str) -> str:
    """A name as it stands in a path."""
    return quote(text, safe="")


def place_in_path(text: str) -> str:
    """A destination as it stands in a path: a URL keeps its form."""
    return quote(text, safe=_AS_THEY_ARE)


def _parsed(body: bytes, server: Server) -> Json:
    try:
        return cast("Json", json.loads(body or b"{}"))
    except ValueError:
        raise Refused(f"{server.url} answered no JSON: is it a fakestash server?") from None


def _no_url(url: str) -> click.UsageError:
    return click.UsageError(f"{url!r} is no URL of a server, such as http://127.0.0.1:8080")
