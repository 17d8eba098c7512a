"""The retry delay expression against an evaluator of another kind.

Random trees are written as text, with random blanks and needless parentheses, and that
text must compute what the tree does. The evaluator here walks the tree recursively and does
its arithmetic with Python's operators and ``decimal`` instead of ``math``.
"""

import decimal
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis import event, example, given
from hypothesis import strategies as st

from fakestash.syntax.retry_delay import parse

DAY = 86_400_000
SUM, PRODUCT, UNARY, ATOM = range(4)
BINARY = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT}
LARGEST_EXPONENT = 709.782712893384  # of e, in a float


@dataclass(frozen=True)
class Tree:
    """A number or ``retried`` without branches, a sign, an operator, or a function's call."""

    root: str
    branches: tuple["Tree", ...] = ()

    @property
    def binds(self) -> int:
        if len(self.branches) == 1 and self.root in "+-":
            return UNARY
        return BINARY.get(self.root, ATOM)


# --- the tree's value --------------------------------------------------------------------


def value(tree: Tree, retried: int) -> float:
    if tree.root == "retried":
        return float(retried)
    if not tree.branches:
        return float(decimal.Decimal(tree.root))
    operands = [value(branch, retried) for branch in tree.branches]
    if tree.binds == UNARY:
        return -operands[0] if tree.root == "-" else operands[0]
    return COMPUTE[tree.root](*operands)


def remainder(x: float, y: float) -> float:
    return math.copysign(abs(x) % abs(y), x)


def power(x: float, y: float) -> float:
    is_odd = y % 2 == 1
    try:
        result: float | complex = x**y
    except (OverflowError, ZeroDivisionError):
        return math.copysign(math.inf, x) if is_odd else math.inf
    return math.nan if isinstance(result, complex) else result


def whole(rounding: str) -> Callable[[float], float]:
    return lambda x: float(decimal.Decimal(x).to_integral_value(rounding))


def of_sorted(place: int) -> Callable[..., float]:
    return lambda *xs: math.nan if any(map(math.isnan, xs)) else sorted(xs)[place]


COMPUTE: Mapping[str, Callable[..., float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "%": remainder,
    "pow": power,
    "exp": lambda x: math.inf if x > LARGEST_EXPONENT else math.exp(x),
    "sqrt": lambda x: math.nan if x < 0 else math.sqrt(x),
    "abs": abs,
    "floor": whole(decimal.ROUND_FLOOR),
    "ceil": whole(decimal.ROUND_CEILING),
    "round": whole(decimal.ROUND_HALF_UP),
    "min": of_sorted(0),
    "max": of_sorted(-1),
}


def delay(tree: Tree, retried: int) -> int | None:
    try:
        result = value(tree, retried)
    except ZeroDivisionError:
        return None
    if not math.isfinite(result):
        return None
    return 0 if result < 0 else DAY if result > DAY else math.trunc(result)


# --- the tree's text ---------------------------------------------------------------------


def written(tree: Tree, draw: st.DrawFn) -> str:
    blank = st.sampled_from(["", "", "", " ", "\t", "  "])

    def token(text: str) -> str:
        return draw(blank) + text + draw(blank)

    def within(branch: Tree, least: int) -> str:
        text = written(branch, draw)
        if branch.binds < least or draw(st.integers(0, 9)) == 0:
            return token("(") + text + token(")")
        return text

    if not tree.branches:
        return token(tree.root)
    if tree.binds == UNARY:
        return token(tree.root) + within(tree.branches[0], UNARY)
    if tree.root in BINARY:
        left, right = tree.branches
        # What stands on the right and binds alike has to be kept together.
        return within(left, tree.binds) + token(tree.root) + within(right, tree.binds + 1)
    arguments = token(",").join(within(branch, SUM) for branch in tree.branches)
    return token(tree.root) + token("(") + arguments + token(")")


# --- random trees ------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(0, 10).map(str),
    st.integers(0, 10**9).map(str),
    st.floats(0, allow_infinity=False).map(repr),
    st.decimals(0, 100, places=3).map(lambda it: f"{it:f}"),
    st.sampled_from([".5", ".25", "1e3", "1E-3", "2.5e+2", "0.0", "1e400"]),
)


def branching(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    def nodes(names: str, least: int, most: int) -> st.SearchStrategy[Tree]:
        branches = st.lists(trees, min_size=least, max_size=most).map(tuple)
        return st.builds(Tree, st.sampled_from(names.split()), branches)

    return st.one_of(
        nodes("+ - * / %", 2, 2),
        nodes("+ -", 1, 1),
        nodes("exp sqrt abs floor ceil round", 1, 1),
        nodes("pow", 2, 2),
        nodes("min max", 2, 4),
    )


TREES = st.recursive(st.builds(Tree, NUMBERS | st.just("retried")), branching, max_leaves=12)


@st.composite
def trees_with_text(draw: st.DrawFn) -> tuple[Tree, str]:
    tree = draw(TREES.filter(lambda it: len(bare(it)) < 500))
    return tree, written(tree, draw)


def bare(tree: Tree) -> str:
    return tree.root + "".join(f"({bare(branch)})" for branch in tree.branches)


@given(trees_with_text(), st.integers(0, 5) | st.integers(0, 10**4))
@example((Tree("pow", (Tree("0"), Tree("-", (Tree("1"),)))), "pow(0,-1)"), 0)
@example((Tree("%", (Tree("retried"), Tree("0"))), "retried%0"), 7)
@example((Tree("sqrt", (Tree("+", (Tree("4"),)),)), "sqrt(+4)"), 0)
def test_the_text_of_a_tree_computes_what_the_tree_does(
    tree_and_text: tuple[Tree, str], retried: int
) -> None:
    tree, text = tree_and_text
    expected = delay(tree, retried)
    event("backoff" if expected is None else "at once" if expected == 0 else "a delay")

    assert parse(text).millis(retried) == expected
