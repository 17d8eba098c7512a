"""The parts of the README that are made from the code: ``python -m tests.readme`` rewrites them."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from fakestash.engine.lifecycle import TRANSITIONS
from fakestash.model.messages import MessageState
from tests.fidelity import Claim, claims

README: Final = Path(__file__).parent.parent / "README.md"


def lifecycle() -> str:
    """The table of a message's states."""
    rows = [
        f"| {'-' if before is MessageState.NEW else before} | {action} | {after} "
        f"| {', '.join(f'`{state}`' for state in logged) or '-'} |"
        for (before, action), (after, logged) in TRANSITIONS.items()
    ]
    return "\n".join(["| a message that is | can | and is then | logged as |", "|-|-|-|-|", *rows])


def operations() -> str:
    """The operations that are as on the service, as its tests claim."""
    return _faithful("operation", [claim for claim in claims() if claim.is_operation])


def rules() -> str:
    """All else that is."""
    return _faithful("rule", [claim for claim in claims() if not claim.is_operation])


def _faithful(what: str, found: Iterable[Claim]) -> str:
    rows = [
        f"| {_cell(claim)} | {claim.verdict} | {claim.source} | `{claim.test}` |"
        for claim in found
        if claim.verdict == "faithful"
    ]
    return "\n".join([f"| {what} | verdict | source | test |", "|-|-|-|-|", *rows])


def differences() -> str:
    """What it does in another way, or not at all."""
    rows = [
        f"| {_cell(claim)} | {claim.verdict} | {claim.here} | {claim.source} | `{claim.test}` |"
        for claim in claims()
        if claim.verdict != "faithful"
    ]
    head = "| on the service | verdict | here | source | test |"
    return "\n".join([head, "|-|-|-|-|-|", *rows])


def _cell(claim: Claim) -> str:
    return f"`{claim.rule}`" if claim.is_operation else claim.rule


SECTIONS: Final[Mapping[str, Callable[[], str]]] = {
    "lifecycle": lifecycle,
    "differences": differences,
    "operations": operations,
    "rules": rules,
}


def generated(text: str) -> str:
    """The README with its generated parts made anew."""
    for name, make in SECTIONS.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
        text, count = re.subn(pattern, rf"\g<1>{make()}\n\g<2>", text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"the README must have one part marked {name!r}, it has {count}")
    return text


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
