"""The control API of a fake in a test in Python, for programs that the test starts."""

import json
from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from typing import Any

import httpx

from fakestash import FakeQStash, running

SHOP = "https://shop.test/hook"


def ask(fake: FakeQStash, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
    connection = HTTPConnection(fake.url.removeprefix("http://"))
    header = {"Authorization": f"Bearer {fake.token}"}
    connection.request(method, path, None if body is None else json.dumps(body), header)
    content = connection.getresponse().read()
    connection.close()
    return json.loads(content)


def test_an_app_may_block_and_publish_back_while_time_is_moved_over_http() -> None:
    seen: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        seen.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/hook":
            ask(fake, "POST", "/v2/publish/https://shop.test/next")
        start_response("200 OK", [])
        return [b""]

    with running() as fake:
        fake.mount("https://shop.test", app)
        ask(fake, "POST", f"/v2/publish/{SHOP}")

        report = ask(fake, "POST", "/_fakestash/clock/advance", {"duration": 60})

        assert (report["delivered"], seen) == (2, ["/hook", "/next"])
        fake.assert_delivered(SHOP)


def test_without_a_socket_it_answers_in_one_step() -> None:
    with FakeQStash() as fake:
        fake.destination(SHOP)
        with httpx.Client(transport=fake.transport, base_url=fake.url) as client:
            client.post(
                f"/v2/publish/{SHOP}", headers={"Authorization": f"Bearer {fake.token}"}
            ).raise_for_status()

            report = client.post("/_fakestash/clock/advance", json={"duration": "1m"}).json()

    assert report["delivered"] == 1
