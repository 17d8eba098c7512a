"""Why a destination could not be reached, in the words of the service's log (D103).

Nobody outside has seen all of them: they are what Go's HTTP client says, without the
``Post "url":`` in front.
"""

from enum import Enum
from ipaddress import ip_address
from typing import Final, assert_never

from fakestash.model.outcomes import Outcome, TimedOut, Unreachable
from fakestash.wire.urls import Target

CLOSED_EARLY: Final = "EOF"
CUT_OFF: Final = "unexpected EOF"
NOT_TLS: Final = "tls: first record does not look like a TLS handshake"
MALFORMED: Final = "malformed HTTP response"


class Fault(Enum):
    """What can go wrong before there is a whole answer.

    ``TIMEOUT`` lets the whole time limit of the attempt pass; the others fail at once, or
    after the latency that the script gives. ``CLOSED`` ends the connection before the answer
    begins, ``TRUNCATED`` in the middle of its body: nothing of it is kept then.
    """

    TIMEOUT = "timeout"
    REFUSED = "refused"
    DNS = "dns"
    CLOSED = "closed"
    TLS = "tls"
    TRUNCATED = "truncated"


def outcome_of(fault: Fault, destination: Target, took: int = 0) -> Outcome:
    """The outcome of ``fault`` at ``destination``, after ``took`` ms."""
    match fault:
        case Fault.TIMEOUT:
            return TimedOut()
        case Fault.REFUSED:
            address = destination.host if _is_address(destination.host) else "127.0.0.1"
            return Unreachable(dial(address, destination.port, "connection refused"), took)
        case Fault.DNS:
            return Unreachable(no_such_host(destination.host), took)
        case Fault.CLOSED:
            return Unreachable(CLOSED_EARLY, took)
        case Fault.TRUNCATED:
            return Unreachable(CUT_OFF, took)
        case Fault.TLS:
            return Unreachable(tls("handshake failure"), took)
        case _:
            assert_never(fault)


def dial(address: str, port: int, reason: str) -> str:
    """No connection could be made to an IP address."""
    shown = f"[{address}]" if ":" in address else address
    return f"dial tcp {shown}:{port}: connect: {reason}"


def no_such_host(host: str) -> str:
    """The name of the host could not be resolved."""
    return f"dial tcp: lookup {host}: no such host"


def tls(reason: str) -> str:
    """The TLS handshake failed."""
    return f"tls: {reason}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
