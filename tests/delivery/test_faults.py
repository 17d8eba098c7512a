"""Why a destination could not be reached, in the words of the log (D103)."""

import pytest

from fakestash.delivery.faults import Fault, outcome_of
from fakestash.model.outcomes import Outcome, TimedOut, Unreachable
from fakestash.wire.urls import target


@pytest.mark.parametrize(
    ("fault", "url", "outcome"),
    [
        (Fault.TIMEOUT, "https://shop.test/", TimedOut()),
        (Fault.CLOSED, "https://shop.test/", Unreachable("EOF")),
        (Fault.TLS, "https://shop.test/", Unreachable("tls: handshake failure")),
        (Fault.DNS, "https://shop.test/", Unreachable("dial tcp: lookup shop.test: no such host")),
        (
            Fault.REFUSED,
            "https://shop.test/",
            Unreachable("dial tcp 127.0.0.1:443: connect: connection refused"),
        ),
        (
            Fault.REFUSED,
            "http://10.0.0.7:8080/",
            Unreachable("dial tcp 10.0.0.7:8080: connect: connection refused"),
        ),
        (
            Fault.REFUSED,
            "http://[fe80::1]/",
            Unreachable("dial tcp [fe80::1]:80: connect: connection refused"),
        ),
    ],
)
def test_what_a_fault_comes_to(fault: Fault, url: str, outcome: Outcome) -> None:
    assert outcome_of(fault, target(url)) == outcome


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.DNS, Fault.CLOSED, Fault.TLS])
def test_a_fault_may_come_late(fault: Fault) -> None:
    assert outcome_of(fault, target("https://shop.test/"), 1500).took == 1500
