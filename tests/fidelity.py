"""What the tests say of the fidelity of the fake, collected from their marks.

``@pytest.mark.fidelity(rule, source)`` on a test says that it shows the rule as the service has it,
and where that is known from. ``verdict`` and ``here`` say what differs, if something does. The rule
of an operation is its method and route: ``POST /v2/batch``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

TESTS: Final = Path(__file__).parent

SOURCES: Final = ("measured", "sdk", "docs", "reported", "assumed")
"""Where behaviour is known from, the surest first: traffic, the official clients, the vendor's
documents, users. What is assumed is decided here."""

VERDICTS: Final = ("faithful", "approximate", "missing", "different")


class Claim(NamedTuple):
    """What one test shows."""

    rule: str
    source: str
    verdict: str
    here: str
    test: str


def claims() -> list[Claim]:
    """Every claim, in the order of its rule."""
    found = [
        claim
        for path in sorted(TESTS.rglob("test_*.py"))
        for claim in _claims_in(path)
    ]
    return sorted(found, key=lambda claim: (VERDICTS.index(claim.verdict), _place(claim.rule)))


def _place(rule: str) -> tuple[bool, str, str]:
    """Operations by route, then rules by name."""
    method, _, route = rule.partition(" ")
    return (not route.startswith("/"), route if route.startswith("/") else rule, method)


def _claims_in(path: Path) -> Iterator[Claim]:
    test_file = path.relative_to(TESTS.parent).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in function.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.fidelity":
                    yield _claim(mark, f"{test_file}::{function.name}")


def _claim(mark: ast.Call, test: str) -> Claim:
    """The claim that a mark makes.

    Raises:
        ValueError: if the mark is not one rule and one source, with verdict and difference at most.
    """
    values = [ast.literal_eval(value) for value in mark.args]
    options = {str(one.arg): ast.literal_eval(one.value) for one in mark.keywords}
    verdict = options.pop("verdict", "faithful")
    here = options.pop("here", "")
    if len(values) != 2 or options or values[1] not in SOURCES or verdict not in VERDICTS:  # noqa: PLR2004
        raise ValueError(f"{test}: a mark says fidelity(rule, source, verdict=, here=)")
    if (verdict == "faithful") != (not here):
        raise ValueError(f"{test}: what is not faithful says `here=` how, and nothing else does")
    return Claim(values[0], values[1], verdict, here, test)
