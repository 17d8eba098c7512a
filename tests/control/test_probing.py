"""Why an app refused a delivery, and what it accepts, over HTTP."""

import asyncio
from collections.abc import Iterable
from typing import Any

import jwt
import pytest

from fakestash import FakeQStash
from fakestash.model.users import DEFAULT_USER
from tests.api.client import SOMEBODY_ELSE
from tests.builders import URL
from tests.control.remote import Remote

FORGED = [
    "no signature",
    "a body that was tampered with",
    "a signature that was tampered with",
    "a signature by a foreign key",
    "a signature that has expired",
    "a signature for another URL",
]


def careless(_: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as servers do
    """An app that accepts anything."""
    start("200 OK", [])
    return [b""]


def confused(environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as above
    """An app that knows the next key only."""
    try:
        jwt.decode(
            environ["HTTP_UPSTASH_SIGNATURE"],
            DEFAULT_USER.keys.next,
            algorithms=["HS256"],
            issuer="Upstash",
        )
    except jwt.InvalidTokenError:
        start("401 Unauthorized", [])
        return [b""]
    start("200 OK", [])
    return [b""]


def delivered_to(app: Any) -> Remote:  # noqa: ANN401 - an app
    fake = FakeQStash()
    fake.mount("https://shop.test", app)
    remote = Remote(fake)
    remote.publish(URL, ("Upstash-Retries", "0"))
    remote.done("/clock/advance", {"duration": 0})
    return remote


def test_a_delivery_that_was_refused_has_its_diagnosis() -> None:
    remote = delivered_to(confused)

    (refused,) = remote.get("/deliveries")["deliveries"]

    assert refused["status"] == 401
    assert "key" in refused["diagnosis"]
    assert len(refused["diagnosis"].splitlines()) > 1


def test_a_delivery_that_was_accepted_has_none() -> None:
    (accepted,) = delivered_to(careless).get("/deliveries")["deliveries"]

    assert "diagnosis" not in accepted


@pytest.mark.parametrize("body", [None, {"url": "https://shop.test"}])
def test_a_probe_tells_what_an_app_accepts_that_it_must_refuse(body: object) -> None:
    remote = delivered_to(careless)

    found = remote.done("/probe-signatures", body)

    assert [(each["flaw"], each["kind"]) for each in found["findings"]] == [
        ("accepted", kind) for kind in FORGED
    ]
    first = found["findings"][0]
    assert (first["method"], first["url"]) == ("POST", URL)
    assert first["text"] == f"POST {URL} accepts no signature (200)"
    assert first["advice"] == "refuse requests without the header Upstash-Signature"
    assert found["text"].startswith("6 things are wrong with the checking of signatures:\n")
    assert found["probes"][0] == {
        "kind": "a good signature",
        "method": "POST",
        "url": URL,
        "status": 200,
        "accepted": True,
    }
    assert len(found["probes"]) == 8
    assert remote.get("/summary")["deliveries"] == 1


def test_a_probe_is_for_the_deliveries_of_the_user_who_asks() -> None:
    remote = delivered_to(careless)

    status, found = asyncio.run(remote.called("POST", "/probe-signatures", {}))
    other, refused = remote.post("/probe-signatures", None, SOMEBODY_ELSE)

    assert (status, len(found["findings"])) == (200, 6)
    assert other == 409
    assert refused["error"] == (
        "there is no delivery that an app accepted, and so nothing to try again: deliver to the "
        "app, then probe it"
    )


def test_what_a_script_answers_is_not_probed() -> None:
    fake = FakeQStash()
    fake.destination(URL)
    remote = Remote(fake)
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": 0})

    status, found = remote.post("/probe-signatures", {"url": URL})

    assert status == 409
    assert found["error"].startswith(f"{URL} is answered by a script")


@pytest.mark.parametrize("url", ["", 7, "shop", None])
def test_a_bad_url_is_refused(url: object) -> None:
    status, found = Remote().post("/probe-signatures", {"url": url})

    assert status == (409 if url is None else 400)
    assert found["error"]


def test_an_app_cannot_have_things_done_while_it_is_delivered_to() -> None:
    fake = FakeQStash()
    remote = Remote(fake)
    busy: list[tuple[int, str]] = []

    def calls_back(_: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as above
        later = remote.publish(URL, ("Upstash-Delay", "1h"))
        for path in ("/probe-signatures", f"/messages/{later}/deliver", "/schedules/daily/fire"):
            status, found = remote.post(path)
            busy.append((status, found["error"]))
        start("200 OK", [])
        return [b""]

    fake.mount("https://shop.test", careless)
    daily = (("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "daily"))
    remote.publish(URL, *daily, version="v2/schedules")
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": 0})
    fake.mount("https://shop.test", calls_back)
    remote.publish(URL)
    remote.done("/clock/advance", {"duration": 0})

    assert {status for status, _ in busy} == {409}
    assert all(text.startswith("time is being moved right now") for _, text in busy)
    assert len(busy) == 3
