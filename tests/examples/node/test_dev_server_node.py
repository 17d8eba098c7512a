"""The same shop in JavaScript, with the official client from npm.

Where the client cannot be installed, the test is skipped and says why.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.npm_client import PROJECT, node_with_client


@pytest.fixture(scope="module")
def node() -> str:
    """The command that runs JavaScript, once the client is installed."""
    return node_with_client()


@pytest.fixture
def settings() -> Iterator[dict[str, str]]:
    """What ``fakestash dev`` prints, while it runs."""
    command = (sys.executable, "-m", "fakestash", "dev", "--rate", "600", "--port", "0")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        settings: dict[str, str] = {}
        for line in server.stdout:
            name, is_setting, value = line.strip().partition("=")
            if name.startswith("QSTASH_") and is_setting:
                settings[name] = value
            if name == "QSTASH_NEXT_SIGNING_KEY":
                break
        yield settings
        server.terminate()


@pytest.mark.fidelity("development server: found by clients with `QSTASH_DEV=true`", "sdk")
def test_a_client_that_is_told_to_use_the_vendors_server_finds_this_one(
    node: str, settings: dict[str, str]
) -> None:
    script = (
        'import { Client } from "@upstash/qstash"; const client = new Client(); '
        'const { messageId } = await client.publish({ url: "http://127.0.0.1:1", delay: "9d" }); '
        "const { url } = await client.messages.get(messageId); console.log(url);"
    )

    ran = subprocess.run(
        [node, "--input-type=module", "-e", script],
        cwd=PROJECT,
        # What leads to the service is passed over, and nothing is downloaded or started.
        env={
            "PATH": os.environ["PATH"],
            "QSTASH_DEV": "true",
            "QSTASH_DEV_PORT": settings["QSTASH_URL"].rpartition(":")[2],
            "QSTASH_URL": "https://qstash.upstash.io",
            "QSTASH_TOKEN": "the real one",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Server already running" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "http://127.0.0.1:1"


def test_the_javascript_client_publishes_receives_and_finds_what_failed(
    node: str, settings: dict[str, str]
) -> None:
    port = settings["QSTASH_URL"].rpartition(":")[2]
    ran = subprocess.run(
        [node, "shop.mjs"],
        cwd=PROJECT,
        env={**os.environ, **settings, "QSTASH_DEV_PORT": port},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert f"Server already running at {settings['QSTASH_URL']}" in ran.stdout
    assert json.loads(ran.stdout.splitlines()[-1]) == {
        "deliveries": [
            {"path": "/orders", "retried": 0, "body": '{"id":7}', "shop": "tea"},
            {"path": "/orders", "retried": 1, "body": '{"id":7}', "shop": "tea"},
            {"path": "/orders", "retried": 2, "body": '{"id":7}', "shop": "tea"},
            {"path": "/refunds", "retried": 0, "body": '{"id":8}'},
            {"path": "/refunds", "retried": 1, "body": '{"id":8}'},
        ],
        "orderStates": [
            *("CREATED", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "ERROR", "RETRY"),
            *("ACTIVE", "DELIVERED"),
        ],
        "refundStates": [
            *("CREATED", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "ERROR", "FAILED"),
        ],
        "waiting": {"body": "hello", "method": "POST", "maxRetries": 3},
        "delay": 5 * 86_400_000,
        "gone": True,
        "deadLetters": [
            {"isTheRefund": True, "url": "/refunds", "status": 500, "body": "out of order"}
        ],
        "foundByFilter": 1,
        "left": 0,
        "labelled": [True],
        "inDevMode": '{"id":9}',
    }
