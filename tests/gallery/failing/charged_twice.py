"""Under chaos a delivery comes twice, and the handler does twice what it must do once."""

import pytest
from qstash import QStash


@pytest.mark.qstash(chaos=1)
def test_a_card_is_charged_once(qstash):
    charges = []

    def charge(request):
        charges.append(request.json()["cents"])
        return 200

    qstash.destination("https://shop.test/charge").responds(charge)
    publish = QStash(qstash.token).message.publish_json
    for cents in (100, 200, 300):
        publish(url="https://shop.test/charge", body={"cents": cents})
    qstash.run_until_idle()
    assert sorted(charges) == [100, 200, 300]
