"""A newsletter: each issue goes to a URL group, whose endpoints are the inboxes of its readers."""

import os
from collections import Counter
from collections.abc import Callable
from json import loads

from django.http import HttpRequest, HttpResponse
from django.urls import path
from qstash import QStash, Receiver
from qstash.errors import SignatureError

BASE_URL = "https://news.test"
READERS = "readers"
BOUNCES_AT_MOST = 2

received: Counter[str] = Counter()
bounced: Counter[str] = Counter()


def client() -> QStash:
    return QStash(os.environ["QSTASH_TOKEN"])


def subscribe(inbox: str) -> None:
    client().url_group.upsert_endpoints(READERS, [{"url": inbox}])


def publish(number: int, text: str) -> None:
    """Send an issue to every reader; QStash tells for each what came of it."""
    client().message.publish_json(
        url_group=READERS,
        body={"number": number, "text": text},
        retries=2,
        callback=f"{BASE_URL}/received",
        failure_callback=f"{BASE_URL}/bounced",
    )


def from_qstash(view: Callable[[HttpRequest], None]) -> Callable[[HttpRequest], HttpResponse]:
    """Let only QStash in."""

    def guarded(request: HttpRequest) -> HttpResponse:
        receiver = Receiver(
            current_signing_key=os.environ["QSTASH_CURRENT_SIGNING_KEY"],
            next_signing_key=os.environ["QSTASH_NEXT_SIGNING_KEY"],
        )
        try:
            receiver.verify(
                signature=request.META.get("HTTP_UPSTASH_SIGNATURE", ""),
                body=request.body.decode(),
                url=request.build_absolute_uri(),
            )
        except SignatureError as error:
            return HttpResponse(str(error).encode(), status=403)
        view(request)
        return HttpResponse(status=204)

    return guarded


@from_qstash
def on_received(request: HttpRequest) -> None:
    told = loads(request.body)
    if 200 <= told["status"] < 300:  # attempts that failed are told of as well, refused ones with 0
        received[told["url"]] += 1
        del bounced[told["url"]]


@from_qstash
def on_bounced(request: HttpRequest) -> None:
    """Who cannot be reached twice in a row is not written to any more."""
    inbox = loads(request.body)["url"]
    bounced[inbox] += 1
    if bounced[inbox] == BOUNCES_AT_MOST:
        client().url_group.remove_endpoints(READERS, [{"url": inbox}])


urlpatterns = [path("received", on_received), path("bounced", on_bounced)]
