"""fakestash: Upstash QStash in memory, on a clock that you move.

Everything public is listed here and loaded when first used: a test run that never asks for
the fake must not pay for its web framework.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fakestash.api.faults.active import ActiveFault, ApiFaults, FaultyCall
    from fakestash.api.faults.fault import ApiFault, ApiFaultKind
    from fakestash.api.strictness import StrictnessNote
    from fakestash.delivery.doctor.diagnosis import Diagnosis
    from fakestash.delivery.doctor.problem import Problem, RefusalCause
    from fakestash.delivery.faults import Fault
    from fakestash.delivery.forging import ProbeKind
    from fakestash.delivery.journal import Deliveries, Delivery
    from fakestash.delivery.outbound import OutboundRequest
    from fakestash.delivery.rules import ScriptedRule
    from fakestash.delivery.scripted import ScriptedDestination
    from fakestash.drive.report import Report, StopReason
    from fakestash.errors import (
        AuditWarning,
        ConditionNotMetError,
        FakeStashError,
        InternalError,
        NestedMoveError,
        RunawayError,
        RunningLoopError,
        StrayDestinationError,
        UsageError,
    )
    from fakestash.exploring import explore, explore_async
    from fakestash.fake import FakeQStash
    from fakestash.plans import Plan
    from fakestash.served import running
    from fakestash.server import LiveServer
    from fakestash.syntax.disturbances import Disturbance, DisturbanceKind, Disturbances
    from fakestash.testing.audit import Finding, FindingKind, Findings
    from fakestash.testing.branches import Snapshot
    from fakestash.testing.forecast import Upcoming, UpcomingEvent, UpcomingKind
    from fakestash.testing.logs import Log, Logs
    from fakestash.testing.messages import Message, Messages
    from fakestash.testing.probing import (
        Probe,
        SignatureFinding,
        SignatureFindings,
        SignatureFlaw,
    )
    from fakestash.testing.resources import (
        FlowControlKey,
        FlowControlKeys,
        Queue,
        Queues,
        Schedule,
        Schedules,
    )
    from fakestash.testing.views import DeadLetter, DeadLetters
    from fakestash.transport import InProcessTransport

__all__ = [
    "ActiveFault",
    "ApiFault",
    "ApiFaultKind",
    "ApiFaults",
    "AuditWarning",
    "ConditionNotMetError",
    "DeadLetter",
    "DeadLetters",
    "Deliveries",
    "Delivery",
    "Diagnosis",
    "Disturbance",
    "DisturbanceKind",
    "Disturbances",
    "FakeQStash",
    "FakeStashError",
    "Fault",
    "FaultyCall",
    "Finding",
    "FindingKind",
    "Findings",
    "FlowControlKey",
    "FlowControlKeys",
    "InProcessTransport",
    "InternalError",
    "LiveServer",
    "Log",
    "Logs",
    "Message",
    "Messages",
    "NestedMoveError",
    "OutboundRequest",
    "Plan",
    "Probe",
    "ProbeKind",
    "Problem",
    "Queue",
    "Queues",
    "RefusalCause",
    "Report",
    "RunawayError",
    "RunningLoopError",
    "Schedule",
    "Schedules",
    "ScriptedDestination",
    "ScriptedRule",
    "SignatureFinding",
    "SignatureFindings",
    "SignatureFlaw",
    "Snapshot",
    "StopReason",
    "StrayDestinationError",
    "StrictnessNote",
    "Upcoming",
    "UpcomingEvent",
    "UpcomingKind",
    "UsageError",
    "explore",
    "explore_async",
    "running",
]

_HOMES: Final = {
    "ActiveFault": "api.faults.active",
    "ApiFault": "api.faults.fault",
    "ApiFaultKind": "api.faults.fault",
    "ApiFaults": "api.faults.active",
    "DeadLetter": "testing.views",
    "DeadLetters": "testing.views",
    "Deliveries": "delivery.journal",
    "Delivery": "delivery.journal",
    "Diagnosis": "delivery.doctor.diagnosis",
    "Disturbance": "syntax.disturbances",
    "DisturbanceKind": "syntax.disturbances",
    "Disturbances": "syntax.disturbances",
    "FakeQStash": "fake",
    "Fault": "delivery.faults",
    "FaultyCall": "api.faults.active",
    "Finding": "testing.audit",
    "FindingKind": "testing.audit",
    "Findings": "testing.audit",
    "FlowControlKey": "testing.resources",
    "FlowControlKeys": "testing.resources",
    "InProcessTransport": "transport",
    "LiveServer": "server",
    "Log": "testing.logs",
    "Logs": "testing.logs",
    "Message": "testing.messages",
    "Messages": "testing.messages",
    "OutboundRequest": "delivery.outbound",
    "Plan": "plans",
    "Probe": "testing.probing",
    "ProbeKind": "delivery.forging",
    "Problem": "delivery.doctor.problem",
    "Queue": "testing.resources",
    "Queues": "testing.resources",
    "RefusalCause": "delivery.doctor.problem",
    "Report": "drive.report",
    "Schedule": "testing.resources",
    "Schedules": "testing.resources",
    "ScriptedDestination": "delivery.scripted",
    "SignatureFinding": "testing.probing",
    "SignatureFindings": "testing.probing",
    "SignatureFlaw": "testing.probing",
    "ScriptedRule": "delivery.rules",
    "Snapshot": "testing.branches",
    "StopReason": "drive.report",
    "StrictnessNote": "api.strictness",
    "Upcoming": "testing.forecast",
    "UpcomingEvent": "testing.forecast",
    "UpcomingKind": "testing.forecast",
    "explore": "exploring",
    "explore_async": "exploring",
    "running": "served",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes of every kind
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
