"""Time is frozen on top of a fixture that leads the clock."""

import pytest
from freezegun import freeze_time


@pytest.mark.qstash(freeze=True)
def test_the_offer_ends_in_may(qstash):
    with freeze_time("2031-05-01"):
        qstash.advance("1h")
