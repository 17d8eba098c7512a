"""How things went in the worlds of a server: what was delivered, and what was left behind."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from fakestash.dev.world import World
from fakestash.drive.report import counted
from fakestash.model.messages import ENDED, MessageState
from fakestash.testing.audit import Finding

_MOST_SHOWN: Final = 20


def summary(worlds: Iterable[World]) -> str:
    """How many messages were delivered, failed, and are pending, in all worlds."""
    states = Counter(
        message.state
        for world in worlds
        for user_id in world.fake.engine.user_ids
        for message in world.fake.engine.all_messages(user_id)
    )
    pending = sum(number for state, number in states.items() if state not in ENDED)
    canceled = states[MessageState.CANCELED]
    return (
        f"{states[MessageState.DELIVERED]:,} delivered, {states[MessageState.FAILED]:,} failed, "
        f"{pending:,} pending" + (f", {canceled:,} canceled" if canceled else "")
    )


def findings_in(worlds: Iterable[World]) -> list[Finding]:
    """What the users of all worlds left behind."""
    return [
        finding
        for world in worlds
        for user_id in world.fake.engine.user_ids
        for finding in world.fake.of_user(user_id).audit()
    ]


def findings_text(findings: Sequence[Finding]) -> str:
    """Them, one a line, as far as anybody wants to read."""
    lines = [f"fakestash: {counted(len(findings), 'thing was', 'things were')} left behind:"]
    lines += [f"  {finding.kind}: {finding.what}" for finding in findings[:_MOST_SHOWN]]
    if len(findings) > _MOST_SHOWN:
        lines.append(f"  ... and {len(findings) - _MOST_SHOWN:,} more")
    return "\n".join(lines)
