"""The audit finds a message that was not delivered."""

import pytest
from qstash import QStash


@pytest.mark.qstash(audit="error")
def test_a_reminder_is_sent(qstash):
    qstash.destination("https://shop.test").responds(200)
    QStash(qstash.token).message.publish(url="https://shop.test/remind", body="", delay="1h")
    qstash.advance("59m")
