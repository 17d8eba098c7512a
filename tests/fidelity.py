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
_FORM: Final = f"@{_MARK}(rule, source, verdict=..., here=...)"


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
        if claim.rule in tests:
            raise ValueError(
                f"{claim.test}: {tests[claim.rule]} claims {claim.rule!r} too: "
                "leave the mark on the test that shows it best"
            )
        tests[claim.rule] = claim.test


def _claims_in(path: Path) -> Iterator[Claim]:
    text = path.read_text(encoding="utf-8")
    if ".fidelity" not in text:
        return
    tree = ast.parse(text)
    marks = list(_marks_of_tests(tree))
    placed = [mark.func for _, mark in marks]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_the_mark(node) and node not in placed:
            raise ValueError(
                f"{_shown(path)}, line {node.lineno}: "
                f"a mark decorates a test of the module: {_FORM}"
            )
    for test, mark in marks:
        yield _claim(mark, f"{_shown(path)}::{test}")


def _marks_of_tests(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in statement.decorator_list:
                if (
                    statement.name.startswith("test_")
                    and isinstance(mark, ast.Call)
                    and ast.unparse(mark.func) == _MARK
                ):
                    yield statement.name, mark


def _is_the_mark(node: ast.Attribute) -> bool:
    """Whether it is the mark, however pytest was imported."""
    return node.attr == "fidelity" and ast.unparse(node.value).split(".")[-1] == "mark"


def _shown(path: Path) -> str:
    """What a file is called: from the top of the repository, if it is in there."""
    top = TESTS.parent
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.name


def _claim(mark: ast.Call, test: str) -> Claim:
    """The claim that a mark makes."""

    def refused(why: str) -> ValueError:
        return ValueError(f"{test}: {why}; a mark is {_FORM}")

    def text(value: ast.expr) -> str:
        """What a cell of a table may hold."""
        found = value.value if isinstance(value, ast.Constant) else None
        if not isinstance(found, str) or not found.strip() or "|" in found or "\n" in found:
            raise refused(f"{ast.unparse(value)} is no text of one line without `|`")
        return found

    values = [text(value) for value in mark.args]
    options = {str(one.arg): text(one.value) for one in mark.keywords}
    if len(values) != 2 or not options.keys() <= {"verdict", "here"}:
        raise refused("it takes a rule and a source, and may take a verdict and what is here")
    rule, source = values
    verdict, here = options.get("verdict", "faithful"), options.get("here", "")
    if source not in SOURCES:
        raise refused(f"the source {source!r} is none of {', '.join(SOURCES)}")
    if verdict not in VERDICTS:
        raise refused(f"the verdict {verdict!r} is none of {', '.join(VERDICTS)}")
    if (verdict == "faithful") != (not here):
        raise refused("what is not faithful says `here=` what there is, and nothing else does")
    return Claim(rule, source, verdict, here, test)
