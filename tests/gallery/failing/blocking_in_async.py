"""An async test moves time with the blocking call."""

import pytest
from qstash import AsyncQStash


@pytest.mark.asyncio
async def test_the_order_arrives(qstash):
    qstash.destination("https://shop.test").responds(200)
    await AsyncQStash(qstash.token).message.publish(url="https://shop.test/orders", body="7")
    qstash.advance(0)
