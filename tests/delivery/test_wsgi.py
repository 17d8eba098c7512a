"""A WSGI app as destination: what it is called with, and what comes of what it does."""

import gzip
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn
from wsgiref.validate import validator

import flask
import pytest

from fakestash.delivery.wsgi import WsgiApp, WsgiDestination
from fakestash.model.outcomes import HeaderItems, Outcome, Responded, Unreachable
from tests.delivery.requests import a_request

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

SERVER_ERROR_HEADERS: HeaderItems = (("Content-Type", "text/plain; charset=utf-8"),)
SERVER_ERROR_BODY = b"Internal Server Error"


def outcome_of(app: WsgiApp) -> Outcome:
    return WsgiDestination(app).call(a_request())


def exception_of(outcome: Outcome) -> BaseException:
    assert outcome.exception is not None
    return outcome.exception


class ShopError(Exception):
    """What the app raises."""


def out_of_stock() -> NoReturn:
    raise ShopError("out of stock")


# --- what the app is called with ---------------------------------------------------------------


def environ_for(url: str, body: bytes = b"", headers: HeaderItems = ()) -> Environ:
    """What an app finds in its environment, the body read."""
    seen: Environ = {}

    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return []

    WsgiDestination(app).call(a_request(url, body=body, headers=headers))
    return seen


def test_the_environment_is_that_of_a_request_over_http_1_1() -> None:
    environ = environ_for(
        "https://Shop.test:8443/a%2Fb/%C3%BC//?x=%31&&y",
        b"{}",
        (("Content-Type", "application/json"), ("X-Name", "caf\xe9"), ("X-Name", "2")),
    )

    signature = environ.pop("HTTP_UPSTASH_SIGNATURE")
    assert signature.count(".") == 2
    assert environ.pop("wsgi.input").read() == b"{}"
    assert environ == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a/b/\xc3\xbc//",
        "QUERY_STRING": "x=%31&&y",
        "RAW_URI": "/a%2Fb/%C3%BC//?x=%31&&y",
        "REQUEST_URI": "/a%2Fb/%C3%BC//?x=%31&&y",
        "SERVER_NAME": "shop.test",
        "SERVER_PORT": "8443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "49152",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "2",
        "HTTP_HOST": "Shop.test:8443",
        "HTTP_USER_AGENT": "Upstash-QStash",
        "HTTP_UPSTASH_CALLER_IP": "127.0.0.1",
        "HTTP_UPSTASH_MESSAGE_ID": "msg_1",
        "HTTP_UPSTASH_REGION": "EU-CENTRAL-1",
        "HTTP_UPSTASH_RETRIED": "0",
        "HTTP_X_NAME": "caf\xe9,2",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def test_a_url_without_path_or_query_asks_for_the_root() -> None:
    environ = environ_for("http://shop.test")

    names = ("PATH_INFO", "QUERY_STRING", "RAW_URI", "SERVER_PORT")
    assert [environ[name] for name in names] == ["/", "", "/", "80"]


def test_both_sides_keep_to_the_standard() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]

    checked: WsgiApp = validator(app)  # type: ignore[arg-type, assignment, unused-ignore]
    outcome = WsgiDestination(checked).call(
        a_request(body=b"abc", headers=(("Content-Type", "text/plain"),))
    )

    assert outcome == Responded(200, (("Content-Type", "text/plain"),), b"abc")


# --- what comes of its answer ------------------------------------------------------------------


def test_an_answer_is_kept_with_canonical_header_names_in_order() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("202 Accepted", [("x-two", "2"), ("content-TYPE", "a/b"), ("x-two", "1")])
        yield b"a"
        yield b""
        yield b"b"

    assert outcome_of(app) == Responded(
        202, (("X-Two", "2"), ("Content-Type", "a/b"), ("X-Two", "1")), b"ab"
    )


def test_a_status_needs_no_phrase() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("204", [])
        return []

    assert outcome_of(app) == Responded(204)


def test_a_gzipped_answer_is_decoded() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Encoding", "gzip")])
        return [gzip.compress(b"hello")]

    assert outcome_of(app) == Responded(200, (), b"hello")


def test_what_is_written_comes_before_what_is_returned() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"a")
        write(b"b")
        return [b"c"]

    assert outcome_of(app) == Responded(200, (), b"abc")


class Body:
    """A body that notes when it was closed."""

    def __init__(self, parts: Iterable[bytes], happened: list[str]) -> None:
        self._parts = parts
        self._happened = happened

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        self._happened.append("read")

    def close(self) -> None:
        self._happened.append("closed")


def test_the_body_is_read_to_its_end_and_closed() -> None:
    happened: list[str] = []

    def app(environ: Environ, start_response: StartResponse) -> Body:
        start_response("200 OK", [])
        return Body([b"a"], happened)

    assert outcome_of(app) == Responded(200, (), b"a")
    assert happened == ["read", "closed"]


def test_a_body_that_breaks_off_is_closed_too() -> None:
    happened: list[str] = []

    def app(environ: Environ, start_response: StartResponse) -> Body:
        start_response("200 OK", [])
        return Body((out_of_stock() for _ in range(1)), happened)

    outcome = outcome_of(app)

    assert isinstance(exception_of(outcome), ShopError)
    assert happened == ["closed"]


# --- what comes of its mistakes ----------------------------------------------------------------


def test_an_app_that_raises_gets_a_500_as_from_a_server() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        out_of_stock()

    outcome = outcome_of(app)

    raised = exception_of(outcome)
    assert outcome == Responded(500, SERVER_ERROR_HEADERS, SERVER_ERROR_BODY, 0, raised)
    assert isinstance(raised, ShopError)
    assert traceback.extract_tb(raised.__traceback__)[-1].name == "out_of_stock"


def test_until_a_part_of_the_body_is_out_an_error_is_still_a_500() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b""
        out_of_stock()

    outcome = outcome_of(app)

    raised = exception_of(outcome)
    assert outcome == Responded(500, SERVER_ERROR_HEADERS, SERVER_ERROR_BODY, 0, raised)


def test_an_app_that_raises_in_the_middle_of_its_answer_has_hung_up() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"half"
        out_of_stock()

    outcome = outcome_of(app)

    raised = exception_of(outcome)
    assert outcome == Unreachable("EOF", exception=raised)
    assert isinstance(raised, ShopError)


def test_an_app_that_raises_when_it_is_closed_keeps_its_answer() -> None:
    class Unclosable(list[bytes]):
        def close(self) -> None:
            out_of_stock()

    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return Unclosable([b"a"])

    outcome = outcome_of(app)

    raised = exception_of(outcome)
    assert outcome == Responded(200, (), b"a", 0, raised)
    assert isinstance(raised, ShopError)


def never_starts(environ: Environ, start_response: StartResponse) -> list[bytes]:
    return []


def writes_first(environ: Environ, start_response: StartResponse) -> list[bytes]:
    return [b"a"]


def starts_twice(environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


@pytest.mark.parametrize(
    ("app", "text"),
    [
        (never_starts, "the app returned without calling start_response"),
        (writes_first, "the app sent a body before it called start_response"),
        (starts_twice, "the app called start_response again, without exc_info"),
    ],
)
def test_an_app_that_does_not_keep_to_the_standard_gets_a_500_that_says_so(
    app: WsgiApp, text: str
) -> None:
    outcome = outcome_of(app)

    raised = exception_of(outcome)
    assert outcome == Responded(500, SERVER_ERROR_HEADERS, SERVER_ERROR_BODY, 0, raised)
    assert (type(raised), str(raised)) == (RuntimeError, text)


def test_a_status_that_is_no_number_is_an_error_of_the_app() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("OK", [])
        return []

    assert isinstance(exception_of(outcome_of(app)), ValueError)


def test_an_app_can_replace_an_answer_that_is_not_out_and_its_error_is_kept() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("X-A", "1")])
        try:
            out_of_stock()
        except ShopError:
            start_response("503 Service Unavailable", [("X-B", "2")], sys.exc_info())
        return [b"sorry"]

    outcome = outcome_of(app)

    raised = exception_of(outcome)
    assert outcome == Responded(503, (("X-B", "2"),), b"sorry", 0, raised)
    assert isinstance(raised, ShopError)


def test_an_answer_that_is_out_cannot_be_replaced() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"half"
        try:
            out_of_stock()
        except ShopError:
            start_response("503 Service Unavailable", [], sys.exc_info())

    outcome = outcome_of(app)

    raised = exception_of(outcome)
    assert outcome == Unreachable("EOF", exception=raised)
    assert isinstance(raised, ShopError)


def test_an_error_that_is_no_exception_of_the_app_is_not_kept_when_it_was_handled() -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        try:
            sys.exit()
        except SystemExit:
            start_response("500 Internal Server Error", [], sys.exc_info())
        return []

    assert outcome_of(app) == Responded(500)


@pytest.mark.parametrize("thrown", [KeyboardInterrupt, SystemExit])
def test_what_is_no_exception_of_the_app_goes_through(thrown: type[BaseException]) -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        raise thrown

    with pytest.raises(thrown):
        outcome_of(app)


# --- Flask -------------------------------------------------------------------------------------


@pytest.fixture
def shop() -> flask.Flask:
    app = flask.Flask("shop")

    @app.post("/orders/<name>")
    def order(name: str) -> dict[str, Any]:
        return {
            "name": name,
            "url": flask.request.url,
            "json": flask.request.get_json(),
            "retried": flask.request.headers["Upstash-Retried"],
        }

    @app.post("/echo")
    def echo() -> bytes:
        return flask.request.get_data()

    @app.post("/broken")
    def broken() -> NoReturn:
        raise ShopError("out of stock")

    return app


def test_flask_reads_the_request_and_answers(shop: flask.Flask) -> None:
    url = "https://shop.test/orders/green%20tea?a=1"
    json = (("Content-Type", "application/json"),)

    outcome = WsgiDestination(shop).call(a_request(url, body=b'{"n":2}', headers=json, retried=3))

    assert isinstance(outcome, Responded)
    assert (outcome.status, flask.json.loads(outcome.body)) == (
        200,
        {"name": "green tea", "url": url, "json": {"n": 2}, "retried": "3"},
    )


def test_flask_gets_the_body_byte_for_byte(shop: flask.Flask) -> None:
    body = bytes(range(256)) * 1000

    outcome = WsgiDestination(shop).call(a_request("https://shop.test/echo", body=body))

    assert isinstance(outcome, Responded)
    assert outcome.body == body


def test_an_error_that_flask_passes_on_is_kept(shop: flask.Flask) -> None:
    shop.testing = True

    outcome = WsgiDestination(shop).call(a_request("https://shop.test/broken"))

    raised = exception_of(outcome)
    assert outcome == Responded(500, SERVER_ERROR_HEADERS, SERVER_ERROR_BODY, 0, raised)
    assert isinstance(raised, ShopError)


def test_it_needs_no_loop() -> None:
    assert WsgiDestination(never_starts).needs_loop is False
