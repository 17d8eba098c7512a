"""The audit finds a script that was never used, for a slip in its URL."""

import pytest
from qstash import QStash


@pytest.mark.qstash(audit="error")
def test_the_order_is_paid(qstash):
    qstash.destination("https://shop.test").responds(200)
    qstash.destination("https://shop.test/payment").responds(402, 200)
    QStash(qstash.token).message.publish(url="https://shop.test/payments", body="7")
    qstash.run_until_idle()
