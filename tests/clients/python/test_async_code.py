"""The async client where it is at home: many calls at once, in the event loop of the test."""

import asyncio

import pytest
from qstash import AsyncQStash
from qstash.message import PublishResponse

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, arrival, arrivals
from tests.clients.python.official import connections_of
from tests.clients.python.ways import MESSAGES, plain_message


@pytest.mark.asyncio
async def test_many_calls_at_once(qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    client = AsyncQStash(qstash.token)

    responses = await asyncio.gather(
        *(client.message.publish(url=HOOK, body="hi") for _ in range(10))
    )
    ids = [response.message_id for response in responses if isinstance(response, PublishResponse)]
    messages = await asyncio.gather(*map(client.message.get, ids))
    await qstash.advance_async(0)

    assert messages == [plain_message(MESSAGES[0], id_) for id_ in ids]
    names = {f"m{number}": id_ for number, id_ in enumerate(ids)}
    assert sorted(
        arrivals(qstash, **names), key=lambda found: found.header["Upstash-Message-Id"]
    ) == [arrival(message=name) for name in sorted(names)]
    await connections_of(client).aclose()
