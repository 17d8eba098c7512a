"""The parts of the README that are made from the code: ``python -m tests.readme`` rewrites them."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from fakestash.engine.lifecycle import TRANSITIONS
from fakestash.model.messages import MessageState
from tests.fidelity import claims

README: Final = Path(__file__).parent.parent / "README.md"


def lifecycle() -> str:
    """The table of a message's states."""
    rows = [
        f"| {'-' if before is MessageState.NEW else before} | {action} | {after} "
        f"| {', '.join(f'`{state}`' for state in logged)} |"
        for (before, action), (after, logged) in TRANSITIONS.items()
    ]
    return "\n".join(["| a message that is | can | and is then | logged as |", "|-|-|-|-|", *rows])


def fidelity() -> str:
    """What the fake does as the service does, as its tests claim."""
    rows = [
        f"| {_rule(claim.rule)} | faithful | {claim.source} | `{claim.test}` |"
        for claim in claims()
        if claim.verdict == "faithful"
    ]
    return "\n".join(["| operation or rule | verdict | source | test |", "|-|-|-|-|", *rows])


def differences() -> str:
    """What it does in another way, or not at all."""
    rows = [
        f"| {_rule(claim.rule)} | {claim.verdict} | {claim.source} | {claim.here} "
        f"| `{claim.test}` |"
        for claim in claims()
        if claim.verdict != "faithful"
    ]
    head = "| operation or rule | verdict | source | here | test |"
    return "\n".join([head, "|-|-|-|-|-|", *rows])


def _rule(rule: str) -> str:
    return f"`{rule}`" if rule.partition(" ")[2].startswith("/") else rule


SECTIONS: Final[Mapping[str, Callable[[], str]]] = {
    "lifecycle": lifecycle,
    "differences": differences,
    "fidelity": fidelity,
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
