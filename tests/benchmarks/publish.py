"""Publishing over HTTP, beside an endpoint that does nothing on the same server configuration."""

import json
from typing import Final

from fakestash.model.users import DEFAULT_USER
from tests.benchmarks.load import Load
from tests.benchmarks.processes import Process, running
from tests.benchmarks.rows import Row, at_least_times, at_most_times
from tests.benchmarks.slices import alternate

SLICE_S: Final = 0.4
SLICES: Final = 12
STORED: Final = 100_000
CONNECTIONS: Final = (1, 16)

LOAD: Final = ("tests.benchmarks.load",)
DEV: Final = ("fakestash", "dev", "--manual", "--port", "0")
NO_OP_SERVER: Final = ("tests.benchmarks.servers",)
STORE: Final = ("tests.benchmarks.servers", "--stored")

NO_OP: Final = "no-op Starlette"
BODY: Final = json.dumps({"id": 7, "note": "x" * 180})
HEAD: Final = (
    "POST /v2/publish/https://shop.test/orders HTTP/1.1",
    "Host: 127.0.0.1:8080",
    "Accept: */*",
    "Accept-Encoding: gzip, deflate",
    "Connection: keep-alive",
    "User-Agent: python-httpx/0.28.1",
    f"Authorization: Bearer {DEFAULT_USER.token}",
    "Content-Type: application/json",
    f"Content-Length: {len(BODY)}",
)
REQUEST: Final = "\r\n".join([*HEAD, "", BODY])
"""What the official Python client sends."""


def measure(quick: bool) -> list[Row]:
    """Requests/s, the time of one request, and what a full store adds."""
    slices, seconds, stored = (1, 0.05, 1000) if quick else (SLICES, SLICE_S, STORED)
    rows: list[Row] = []
    with running(LOAD, DEV, NO_OP_SERVER, (*STORE, str(stored)), (*STORE, "0")) as processes:
        load, *servers = processes
        dev, no_op, full, empty = (server.port() for server in servers)
        for connections in CONNECTIONS:
            beside = _loads(load, (dev, no_op), connections, slices, seconds)
            rows += _against_no_op(*beside, connections)
        rows.append(_full_store(*_loads(load, (full, empty), 1, slices, seconds / 2), stored))
    return rows


def _loads(
    load: Process, ports: tuple[int, int], connections: int, slices: int, seconds: float
) -> tuple[list[Load], list[Load]]:
    """Slices on the first and on the second port."""

    def one(port: int) -> Load:
        order = {"port": port, "connections": connections, "seconds": seconds}
        return Load(**load.ask(request=REQUEST, **order))

    return alternate(slices, lambda: one(ports[0]), lambda: one(ports[1]))


def _against_no_op(fake: list[Load], no_op: list[Load], connections: int) -> list[Row]:
    name = f"publish over HTTP, {connections} keep-alive connection{'s' * (connections > 1)}"
    return [
        Row(
            name,
            "requests/s",
            [load.rate for load in fake],
            [load.rate for load in no_op],
            NO_OP,
            at_least_times(0.75),
        ),
        Row(f"{name}, p50", "ms", [load.p50 for load in fake], [load.p50 for load in no_op], NO_OP),
        Row(
            f"{name}, p99",
            "ms",
            [load.p99 for load in fake],
            [load.p99 for load in no_op],
            NO_OP,
            at_most_times(2.5),
        ),
    ]


def _full_store(full: list[Load], empty: list[Load], stored: int) -> Row:
    return Row(
        f"publish over HTTP with {stored:,} stored, p50",
        "ms",
        [load.p50 for load in full],
        [load.p50 for load in empty],
        "an almost empty store",
        at_most_times(1.2),
    )
