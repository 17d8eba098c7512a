"""The parts of the README that are made from the code: ``python -m tests.readme`` rewrites them."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from fakestash.api.table import V1, V2
from fakestash.engine.lifecycle import TRANSITIONS
from fakestash.model.messages import MessageState

README: Final = Path(__file__).parent.parent / "README.md"


def lifecycle() -> str:
    """The table of a message's states."""
    rows = [
        f"| {'-' if before is MessageState.NEW else before} | {action} | {after} "
        f"| {', '.join(f'`{state}`' for state in logged)} |"
        for (before, action), (after, logged) in TRANSITIONS.items()
    ]
    return "\n".join(["| a message that is | can | and is then | logged as |", "|-|-|-|-|", *rows])


def endpoints() -> str:
    """The routes of the service, and whether the fake has them."""
    there: list[str] = []
    not_yet: list[str] = []
    for template, methods in V2.items():
        for names, is_there in ((there, True), (not_yet, False)):
            those = [
                name
                for name, found in methods.items()
                if (found.handler is not None or found.public is not None) is is_there
            ]
            if those:
                names.append(f"`{' '.join(those)} {template}`")
    return (
        f"Answered as the service does: {', '.join(there)}.\n\n"
        f"Answered 501 until they are built: {', '.join(not_yet)}, "
        f"and all {len(V1)} routes of the deprecated `/v1`.\n\n"
        "Any other path is a 404, another method a 405, as on the service."
    )


SECTIONS: Final[Mapping[str, Callable[[], str]]] = {
    "lifecycle": lifecycle,
    "endpoints": endpoints,
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
