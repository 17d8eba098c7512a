"""In strict mode what a handler raises comes out of the move of time."""

import pytest
from qstash import QStash


def ship(request):
    raise LookupError(f"no address in {request.body!r}")


@pytest.mark.qstash(strict=True)
def test_an_order_is_shipped(qstash):
    qstash.destination("https://shop.test/ship").responds(ship)
    QStash(qstash.token).message.publish(url="https://shop.test/ship", body="tea")

    qstash.advance(0)
