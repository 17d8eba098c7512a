"""How things went in the worlds of a server: what was delivered, and what was left behind."""

from collections import Counter
from typing import Final

from fakestash.dev.world import DEFAULT_WORLD, World
from fakestash.drive.report import counted
from fakestash.model.messages import MessageState, end_of
from fakestash.testing.audit import FindingKind

_MOST_SHOWN: Final = 20
_ABOUT_MESSAGES: Final = (FindingKind.UNDELIVERED, FindingKind.DEAD_LETTER)
"""What else an audit finds, such as scripts that were not used, may be for another run."""


class Summary:
    """Counts what became of messages, and what was left behind, in one world after the other.

    A world is added when its server ends; and before it begins again or is ended itself, because a
    suite may do that after each of its tests.

    Args:
        audit: look for what was left behind, too.
    """

    def __init__(self, *, audit: bool) -> None:
        self._audit = audit
        self._ends: Counter[MessageState] = Counter()
        self.findings: list[str] = []
        """What was left behind, each in one line."""
        self.disturbed: list[str] = []
        """What chaos did, each time in one line."""

    def add(self, world: World) -> None:
        """Count what is in a world now."""
        engine = world.fake.engine
        if happened := world.fake.disturbances:
            self.disturbed.append(f"disturbed{_place(world)}: {happened}")
        for user_id in engine.user_ids:
            self._ends.update(end_of(message.state) for message in engine.all_messages(user_id))
            if self._audit:
                self.findings += [
                    f"{each.kind}: {each.what}{_place(world)}"
                    for each in world.fake.of_user(user_id).audit().of_kind(*_ABOUT_MESSAGES)
                ]

    def __str__(self) -> str:
        ends = self._ends
        canceled = ends[MessageState.CANCELED]
        return (
            f"{ends[MessageState.DELIVERED]:,} delivered, {ends[MessageState.FAILED]:,} failed, "
            f"{ends[MessageState.PENDING]:,} pending"
            + (f", {canceled:,} canceled" if canceled else "")
        )

    @property
    def findings_text(self) -> str:
        """What was left behind, as far as anybody wants to read."""
        found = self.findings
        lines = [f"{counted(len(found), 'thing was', 'things were')} left behind:"]
        lines += [f"  {each}" for each in found[:_MOST_SHOWN]]
        if len(found) > _MOST_SHOWN:
            lines.append(f"  ... and {len(found) - _MOST_SHOWN:,} more")
        return "\n".join(lines)


def _place(world: World) -> str:
    return "" if world.name == DEFAULT_WORLD else f" (in {world.name})"
