"""Marks of fidelity: what they claim, and that a broken one is told where it stands."""

from pathlib import Path

import pytest

from tests.fidelity import SOURCES, VERDICTS, Claim, claims


def marked(folder: Path, *marks: str, name: str = "test_it", file: str = "test_a.py") -> Path:
    """A folder with a test of these marks."""
    lines = ["import pytest", *(f"@pytest.mark.{mark}" for mark in marks), f"def {name}(): ..."]
    (folder / file).write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_a_mark_is_a_claim(tmp_path: Path) -> None:
    marks = (
        'fidelity("a rule", "docs")',
        "parametrize('x', [1])",
        'fidelity("another", "sdk", verdict="different", here="other" " words")',
    )

    assert claims(marked(tmp_path, *marks)) == [
        Claim("a rule", "docs", "faithful", "", "test_a.py::test_it"),
        Claim("another", "sdk", "different", "other words", "test_a.py::test_it"),
    ]


def test_tests_that_await_make_claims_too(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        '@pytest.mark.fidelity("a rule", "docs")\nasync def test_it(): ...', encoding="utf-8"
    )

    assert [claim.test for claim in claims(tmp_path)] == ["test_a.py::test_it"]


def test_operations_come_first_and_all_else_by_name(tmp_path: Path) -> None:
    rules = ["b", "`A`: x", "POST /v2/b", "GET /v2/b", "a", "GET /v2/A", "GET it"]
    marks = [f'fidelity("{rule}", "docs")' for rule in rules]

    found = claims(marked(tmp_path, *marks))

    assert [(claim.rule, claim.is_operation) for claim in found] == [
        ("GET /v2/A", True),
        ("GET /v2/b", True),
        ("POST /v2/b", True),
        ("a", False),
        ("`A`: x", False),
        ("b", False),
        ("GET it", False),
    ]


FORM = "@pytest.mark.fidelity(rule, source, verdict=..., here=...)"
NO_TEXT = "is no text of one line without `|`"
PARTS = "it takes a rule and a source, and may take a verdict and what is here"
HERE = "what is not faithful says `here=` what there is, and nothing else does"


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("fidelity()", PARTS),
        ('fidelity("rule")', PARTS),
        ('fidelity("rule", "docs", "faithful")', PARTS),
        ('fidelity("rule", "docs", why="so")', PARTS),
        ('fidelity("rule", **{"here": "no"})', "{'here': 'no'} " + NO_TEXT),
        ('fidelity(7, "docs")', f"7 {NO_TEXT}"),
        ('fidelity(RULE, "docs")', f"RULE {NO_TEXT}"),
        ('fidelity(" ", "docs")', f"' ' {NO_TEXT}"),
        ('fidelity("a | b", "docs")', f"'a | b' {NO_TEXT}"),
        ('fidelity("a\\nb", "docs")', f"'a\\nb' {NO_TEXT}"),
        (
            'fidelity("rule", "guess")',
            f"the source 'guess' is none of {', '.join(SOURCES)}",
        ),
        (
            'fidelity("rule", "docs", verdict="good", here="so")',
            f"the verdict 'good' is none of {', '.join(VERDICTS)}",
        ),
        ('fidelity("rule", "docs", verdict="missing")', HERE),
        ('fidelity("rule", "docs", here="so")', HERE),
        ('fidelity("rule", "docs", verdict="faithful", here="so")', HERE),
    ],
)
def test_a_broken_mark_is_told_with_its_test(tmp_path: Path, mark: str, why: str) -> None:
    with pytest.raises(ValueError, match="it") as raised:
        claims(marked(tmp_path, mark))

    assert str(raised.value) == f"test_a.py::test_it: {why}; a mark is {FORM}"


@pytest.mark.parametrize(
    "text",
    [
        '\n@pytest.mark.fidelity("rule", "docs")\ndef helper(): ...',
        '\n@pytest.mark.fidelity("rule", "docs")\nclass TestIt: ...',
        'class TestIt:\n    @pytest.mark.fidelity("rule", "docs")\n    def test_it(self): ...',
        "\n@pytest.mark.fidelity\ndef test_it(): ...",
        '\n@mark.fidelity("rule", "docs")\ndef test_it(): ...',
        '\npytestmark = pytest.mark.fidelity("rule", "docs")',
    ],
)
def test_a_mark_that_is_on_no_test_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "test_a.py").write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match="it") as raised:
        claims(tmp_path)

    assert str(raised.value) == (
        f"test_a.py, line 2: a mark decorates a test of the module: {FORM}"
    )


def test_a_rule_is_claimed_once(tmp_path: Path) -> None:
    mark = 'fidelity("a rule", "docs")'
    marked(tmp_path, mark, file="test_b.py")

    with pytest.raises(ValueError, match="it") as raised:
        claims(marked(tmp_path, mark))

    assert str(raised.value) == (
        "test_b.py::test_it: test_a.py::test_it claims 'a rule' too: "
        "leave the mark on the test that shows it best"
    )


def test_a_test_does_not_claim_a_rule_twice(tmp_path: Path) -> None:
    mark = 'fidelity("a rule", "docs")'

    with pytest.raises(ValueError, match="claims 'a rule' too"):
        claims(marked(tmp_path, mark, mark))
