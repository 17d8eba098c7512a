"""What the tests say of the fidelity of the fake, collected from their marks.

``@pytest.mark.fidelity(rule, source)`` on a test says that it shows the rule as the service has it,
and where that is known from. ``verdict`` and ``here`` say what differs, if something does::

    @pytest.mark.fidelity("`Upstash-Delay`", "docs")
    @pytest.mark.fidelity("jitter of retries", "measured", verdict="missing", here="none")

The rule of an operation is its method and route: ``POST /v2/batch``. A rule is claimed by one
test: the one to read. A test may claim several.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

TESTS: Final = Path(__file__).parent

SOURCES: Final = ("measured", "sdk", "docs", "reported", "assumed")
"""Where behaviour is known from, the surest first: traffic, the official clients, the vendor's
documents, users. What is assumed is decided here."""

VERDICTS: Final = ("faithful", "approximate", "different", "missing")

_MARK: Final = "pytest.mark.fidelity"
_FORM: Final = f"{_MARK}(rule, source, verdict=..., here=...)"


class Claim(NamedTuple):
    """What one test shows."""

    rule: str
    source: str
    verdict: str
    here: str
    test: str

    @property
    def is_operation(self) -> bool:
        """Whether the rule is a method and a route."""
        return self.rule.partition(" ")[2].startswith("/")


def claims(tests: Path = TESTS) -> list[Claim]:
    """Every claim of the tests below a folder: operations by route, then other rules by name.

    Raises:
        ValueError: if a mark is not understood, does not stand on a test, or claims a rule that
            another one claims; it says where, and what to do.
    """
    found = [claim for path in sorted(tests.rglob("test_*.py")) for claim in _claims_in(path)]
    _claimed_once(found)
    return sorted(found, key=_place)


def _place(claim: Claim) -> tuple[bool, str, str]:
    if claim.is_operation:
        method, _, route = claim.rule.partition(" ")
        return (False, route.casefold(), method)
    return (True, claim.rule.replace("`", "").casefold(), "")


def _claimed_once(found: Iterable[Claim]) -> None:
    tests: dict[str, str] = {}
    for claim in found:
        other = tests.setdefault(claim.rule, claim.test)
        if other is not claim.test:
            raise ValueError(
                f"{claim.test}: {other} claims {claim.rule!r} too: "
                "leave the mark on the test that shows it best"
            )


def _claims_in(path: Path) -> Iterator[Claim]:
    text = path.read_text(encoding="utf-8")
    if ".fidelity" not in text:
        return
    tree = ast.parse(text)
    used = {_line(node) for node in ast.walk(tree) if _names_the_mark(node)}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in statement.decorator_list:
                if statement.name.startswith("test_") and _is_call_of_the_mark(mark):
                    used.discard(mark.lineno)
                    yield _claim(mark, f"{_shown(path)}::{statement.name}")
    if used:
        raise ValueError(
            f"{_shown(path)}, line {min(used)}: a mark is a decorator of a test of the module, "
            f"{_FORM}"
        )


def _shown(path: Path) -> str:
    """How a file is called: from the top of the repository, if it is in there."""
    top = TESTS.parent
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.name


def _names_the_mark(node: ast.AST) -> bool:
    """Whether it is the mark, however pytest was imported."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "fidelity"
        and ast.unparse(node.value).split(".")[-1] == "mark"
    )


def _line(node: ast.AST) -> int:
    return node.lineno if isinstance(node, ast.expr) else 0


def _is_call_of_the_mark(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == _MARK


def _claim(mark: ast.expr, test: str) -> Claim:
    """The claim that a mark makes."""
    ...
