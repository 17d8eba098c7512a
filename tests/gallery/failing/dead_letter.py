"""The audit finds a dead letter that nobody expected."""

import pytest
from qstash import QStash


@pytest.mark.qstash(audit="error")
def test_the_order_is_published(qstash):
    qstash.destination("https://shop.test").responds(500)
    QStash(qstash.token).message.publish(url="https://shop.test/orders", body="7", retries=1)
    qstash.run_until_idle()
