"""How the official clients are set up, and the plain requests that they can make."""

import socket
from collections.abc import Awaitable
from typing import Final

import httpx
import pytest
from qstash import QStash
from qstash.chat import LlmProvider, custom, openai
from qstash.http import RetryConfig

from fakestash import FakeQStash, LiveServer
from fakestash.model.users import PREDEFINED_USERS
from tests.clients.python.arrivals import START
from tests.clients.python.official import Clients, Kind, noted

JSON: Final = {"Content-Type": "application/json"}
MAIL: Final = {
    "createdAt": START,
    "updatedAt": START,
    "name": "mail",
    "parallelism": 2,
    "lag": 0,
    "paused": False,
}
SOMEBODY: Final = PREDEFINED_USERS[1]


@pytest.mark.covers("QStash(token)")
def test_the_address_comes_from_the_environment(
    kind: Kind, qstash: FakeQStash, clients: Clients, calls: set[str]
) -> None:
    client = clients.new(kind, calls, qstash.token)

    assert client.signing_key.get().current == qstash.current_signing_key


@pytest.mark.covers("QStash(token, base_url)")
def test_an_address_that_is_given_wins(
    kind: Kind,
    qstash: FakeQStash,
    clients: Clients,
    calls: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QSTASH_URL", "http://nowhere.test")

    client = clients.new(kind, calls, SOMEBODY.token, base_url=f"{qstash.url}/")

    assert client.signing_key.get().current == SOMEBODY.keys.current


@pytest.mark.covers("QStash(token, base_url, retry, retry.retries, retry.backoff)")
def test_a_client_tries_again_until_it_is_served(
    kind: Kind, qstash: FakeQStash, clients: Clients, calls: set[str]
) -> None:
    waits: list[int] = []
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server = LiveServer(qstash.app, port=closed.getsockname()[1])

        def backoff(number: int) -> float:
            waits.append(number)
            if number == 1:
                closed.close()
                server.start()
            return 0.0

        client = clients.new(
            kind,
            calls,
            qstash.token,
            base_url=f"http://127.0.0.1:{server.port}",
            retry=RetryConfig(retries=2, backoff=backoff),
        )
        try:
            assert client.signing_key.get().current == qstash.current_signing_key
        finally:
            server.stop()

    assert waits == [0, 1]


@pytest.mark.covers("QStash(retry)")
def test_a_client_that_must_not_try_again_does_not(
    kind: Kind, qstash: FakeQStash, clients: Clients, calls: set[str]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        client = clients.new(kind, calls, qstash.token, base_url=url, retry=False)

        with pytest.raises(httpx.ConnectError):
            client.signing_key.get()


# --- plain requests ----------------------------------------------------------------------------


@pytest.mark.covers("http.request(path, method, headers, body, params, parse_response)")
def test_a_plain_request(client: QStash) -> None:
    made = client.http.request(
        path="/v2/queues",
        method="POST",
        headers=JSON,
        body='{"queueName":"mail","parallelism":2}',
        parse_response=False,
    )
    pinned = client.http.request(
        path="/v2/flowControl/mails/pin",
        method="POST",
        params={"parallelism": "7"},
        parse_response=False,
    )

    assert (made, pinned) == ("", "")
    assert client.http.request(path="/v2/queues", method="GET") == [MAIL]
    assert client.flow_control.get("mails").parallelism_max == 7


@pytest.mark.covers("http.request(path, method, base_url, token)")
def test_a_plain_request_of_somebody_else_to_elsewhere(
    kind: Kind, qstash: FakeQStash, clients: Clients, calls: set[str]
) -> None:
    client = clients.new(kind, calls, "nobody", base_url="http://nowhere.test")

    keys = client.http.request(
        path="/v2/keys", method="GET", base_url=qstash.url, token=f"Bearer {SOMEBODY.token}"
    )

    assert keys == {"current": SOMEBODY.keys.current, "next": SOMEBODY.keys.next}


@pytest.mark.covers("http.stream(path, method, headers, body, params, base_url, token)")
def test_a_response_is_read_as_a_stream(
    kind: Kind, qstash: FakeQStash, clients: Clients, calls: set[str]
) -> None:
    client = clients.new(kind, calls, "nobody", base_url="http://nowhere.test")
    bearer = f"Bearer {qstash.token}"

    made = client.http.stream(
        path="/v2/queues",
        method="POST",
        headers=JSON,
        body='{"queueName":"mail","parallelism":2}',
        base_url=qstash.url,
        token=bearer,
    )
    entries = client.http.stream(
        path="/v2/events",
        method="GET",
        params={"groupBy": "messageId"},
        base_url=qstash.url,
        token=bearer,
    )

    assert [
        (response.status_code, clients.finished(_read(response, kind)))
        for response in (made, entries)
    ] == [(200, b""), (200, b'{"messages":[]}')]


def _read(response: httpx.Response, kind: Kind) -> bytes | Awaitable[bytes]:
    return response.read() if kind is QStash else response.aread()


# --- providers ---------------------------------------------------------------------------------


@pytest.mark.covers("chat.openai(token)", "chat.custom(base_url, token)")
def test_the_providers_of_chats(calls: set[str]) -> None:
    make = noted("chat.custom", custom, calls)

    assert noted("chat.openai", openai, calls)("sk-1") == LlmProvider(
        name="OpenAI", base_url="https://api.openai.com", token="sk-1"
    )
    for ending in ("", "/chat/completions", "/v1/chat/completions"):
        assert make(f"https://llm.test{ending}", "t-1") == LlmProvider(
            name="custom", base_url="https://llm.test", token="t-1"
        )
