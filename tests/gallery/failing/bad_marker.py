"""The marker has a keyword that is misspelt."""

import pytest


@pytest.mark.qstash(strat="2026-03-29T00:30:00+01:00")
def test_the_clock_goes_forward(qstash):
    qstash.advance("1h")
