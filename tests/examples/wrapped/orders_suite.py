"""A suite as anybody may have one: it knows the client and its own shop, and of no fake.

``fakestash exec -- pytest orders_suite.py`` runs it.
"""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread

import pytest
from qstash import QStash, Receiver

orders: Queue[str] = Queue()


class Shop(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        receiver = Receiver(
            current_signing_key=os.environ["QSTASH_CURRENT_SIGNING_KEY"],
            next_signing_key=os.environ["QSTASH_NEXT_SIGNING_KEY"],
        )
        receiver.verify(signature=self.headers["Upstash-Signature"], body=body)
        orders.put(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def qstash() -> QStash:
    return QStash(os.environ["QSTASH_TOKEN"])


def test_an_order_arrives(shop: str, qstash: QStash) -> None:
    qstash.message.publish(url=f"{shop}/orders", body="tea")

    assert orders.get(timeout=10) == "tea"


def test_a_reminder_is_accepted(shop: str, qstash: QStash) -> None:
    assert qstash.message.publish(url=f"{shop}/reminders", body="pay", delay="2d")
