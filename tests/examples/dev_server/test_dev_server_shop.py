"""A shop that is developed against ``fakestash dev``, written as its users would write it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread
from time import monotonic

import pytest
import uvicorn
from qstash import QStash
from qstash.dlq import DlqMessage
from qstash.message import PublishResponse

from tests.examples.dev_server import shop_app


@pytest.fixture(scope="module", autouse=True)
def dev_server() -> Iterator[None]:
    """``fakestash dev``, with the settings that it prints in the environment."""
    port = free_port()
    command = (sys.executable, "-m", "fakestash", "dev", "--rate", "600", "--port", str(port))
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
        pytest.MonkeyPatch.context() as environment,
    ):
        assert server.stdout is not None
        for line in server.stdout:
            name, _, value = line.strip().partition("=")
            if name.startswith("QSTASH_"):
                environment.setenv(name, value)
            if name == "QSTASH_NEXT_SIGNING_KEY":
                break
        yield
        server.terminate()


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The shop, served on a port of its own; its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(shop_app.app, port=port, log_level="critical"))
    thread = Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def client() -> Iterator[QStash]:
    client = QStash(os.environ["QSTASH_TOKEN"])
    yield client
    client.http._client.close()  # noqa: SLF001 - it offers no other way


def test_an_order_arrives_at_the_third_attempt(shop: str, client: QStash) -> None:
    client.message.publish_json(url=f"{shop}/orders", body={"id": 7}, retries=3)

    assert shop_app.order_arrived.wait(timeout=15)
    assert shop_app.orders == [(retried, b'{"id": 7}') for retried in (0, 1, 2)]


def test_a_refund_that_always_fails_is_found_in_the_dead_letter_queue(
    shop: str, client: QStash
) -> None:
    message = client.message.publish_json(url=f"{shop}/refunds", body={"id": 8}, retries=1)

    letter = wait_for_dead_letter(client)
    assert isinstance(message, PublishResponse)
    assert shop_app.refunds == [0, 1]
    assert letter.message_id == message.message_id
    assert letter.url == f"{shop}/refunds"
    assert (letter.response_status, letter.response_body) == (500, "no refunds today")
    assert [log.state.value for log in client.log.list().logs if log.url == letter.url] == [
        "FAILED",
        "ERROR",
        "ACTIVE",
        "RETRY",
        "ERROR",
        "ACTIVE",
        "CREATED",
    ]


def wait_for_dead_letter(client: QStash) -> DlqMessage:
    deadline = monotonic() + 15
    while monotonic() < deadline:
        if letters := client.dlq.list().messages:
            return letters[0]
    raise TimeoutError("there is no dead letter")
