"""The expression of ``Upstash-Retry-Delay``: how long to wait before each retry.

The variable ``retried``, the unit (milliseconds) and the names of the functions are from
the service's documentation. The rest of the grammar and every edge case is ours (D94):

* Numbers are ``12``, ``1.5``, ``.5``, ``1e3``, as 64-bit floats; names are lower case;
  blanks (space, tab, line break) may stand between tokens.
* Unary ``-`` and ``+`` bind tightest, then ``* / %``, then ``+ -``, from left to right.
* Only the text is checked when it is parsed. Computing never fails; ``RetryDelay.millis``
  tells what becomes of values that are no sensible delay.

The parser is an operator-precedence parser with its own stack, and what it makes is a
program for a stack machine. Neither recurses, so a thousand parentheses or minus signs are
nothing special, however deep the caller's own stack may be.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from fakestash.decisions import D94_MAX_DELAY_MS, D94_MAX_EXPRESSION_LENGTH

END_OF_EXPRESSION: Final = "EOF"
"""The token that is reported where the text ends too early."""


class ExpressionError(ValueError):
    """The text is no expression; ``str()`` of the error is the reason in the service's words.

    Positions in reasons count characters from 1, blanks included; the end of the
    expression is one past its last character, and its token is ``EOF``. The first mistake
    from the left is the one reported, except that a wrong number of arguments shows only
    at the closing parenthesis.
    """


class _Apply(NamedTuple):
    """Take ``arguments`` values off the stack, put the result of ``compute`` on it."""

    compute: Callable[..., float]
    arguments: int


_Step: TypeAlias = float | Literal["retried"] | _Apply
"""One step of a program: push a number, push the variable, or apply."""


@dataclass(frozen=True, slots=True)
class RetryDelay:
    """A parsed expression: immutable, and equal to any other of the same text."""

    text: str
    """As it was sent; the service stores and shows it verbatim."""

    _program: tuple[_Step, ...] = field(repr=False, compare=False)

    def millis(self, retried: int) -> int | None:
        """Return the delay in milliseconds before the retry that follows ``retried`` ones.

        ``retried`` is 0 for the first retry. D94: a negative result is 0, a fraction of a
        millisecond is cut off, more than a day is a day. ``None`` means that the default
        backoff applies: the result is not a number or infinite, or a division (``/`` or
        ``%``) by zero occurred anywhere. Other infinities may occur on the way:
        ``min(exp(retried), 1000)`` is 1000 also where ``exp`` overflows.
        """
        try:
            result = _run(self._program, float(retried))
        except (ZeroDivisionError, OverflowError):
            # The second only if ``retried`` itself is beyond every float.
            return None
        if not math.isfinite(result):
            return None
        return int(min(max(result, 0.0), D94_MAX_DELAY_MS))


def parse(text: str) -> RetryDelay:
    """Parse an expression.

    Raises:
        ExpressionError: the text is longer than 1000 characters or is no expression.
    """
    if len(text) > D94_MAX_EXPRESSION_LENGTH:
        raise ExpressionError("expression is too long")
    return RetryDelay(text, _Compiler(text).program())


def _run(program: tuple[_Step, ...], retried: float) -> float:
    stack: list[float] = []
    for step in program:
        if isinstance(step, float):
            stack.append(step)
        elif isinstance(step, _Apply):
            first = len(stack) - step.arguments
            stack[first:] = [step.compute(*stack[first:])]
        else:
            stack.append(retried)
    return stack[0]


# --- arithmetic --------------------------------------------------------------------------
# As IEEE 754 and Go have it: infinity or not-a-number where Python's functions raise.
# Only a division by zero does raise.


def _remainder(x: float, y: float) -> float:
    """Go's ``math.Mod``: the sign is that of ``x``, unlike Python's ``%``."""
    if y == 0:
        raise ZeroDivisionError
    return math.nan if math.isinf(x) else math.fmod(x, y)


def _power(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except ValueError:
        if x != 0:
            return math.nan  # a fractional power of a negative number
    except OverflowError:
        pass
    is_odd = math.fmod(y, 2) in (-1, 1)
    return math.copysign(math.inf, x) if is_odd else math.inf


def _exponential(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _root(x: float) -> float:
    return math.nan if x < 0 else math.sqrt(x)


def _floor(x: float) -> float:
    return _integral(math.floor, x)


def _ceiling(x: float) -> float:
    return _integral(math.ceil, x)


def _round(x: float) -> float:
    return _integral(_half_away_from_zero, x)


def _half_away_from_zero(x: float) -> int:
    # Adding a half and cutting would be wrong for the float just below a half.
    whole = math.trunc(x)
    if abs(x - whole) < 0.5:  # noqa: PLR2004 - a half is what the rule is about
        return whole
    return whole + (1 if x > 0 else -1)


def _integral(rule: Callable[[float], int], x: float) -> float:
    # The sign is copied for the sake of negative zero.
    return math.copysign(rule(x), x) if math.isfinite(x) else x


def _least(*values: float) -> float:
    return math.nan if any(map(math.isnan, values)) else min(values)


def _greatest(*values: float) -> float:
    return math.nan if any(map(math.isnan, values)) else max(values)


class _Function(NamedTuple):
    compute: Callable[..., float]
    least_arguments: int
    most_arguments: float


_FUNCTIONS: Final[Mapping[str, _Function]] = {
    "pow": _Function(_power, 2, 2),
    "exp": _Function(_exponential, 1, 1),
    "sqrt": _Function(_root, 1, 1),
    "abs": _Function(math.fabs, 1, 1),
    "floor": _Function(_floor, 1, 1),
    "ceil": _Function(_ceiling, 1, 1),
    "round": _Function(_round, 1, 1),
    "min": _Function(_least, 2, math.inf),
    "max": _Function(_greatest, 2, math.inf),
}

# --- tokens ------------------------------------------------------------------------------


_Kind: TypeAlias = Literal["number", "name", "other", "end"]


class _Token(NamedTuple):
    kind: _Kind
    text: str
    position: int


_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _tokens(text: str) -> list[_Token]:
    """Cut the text into tokens; a character that starts none is a token by itself."""
    tokens: list[_Token] = []
    at = _end(_BLANKS, text, 0)
    while at < len(text):
        kind: _Kind = "other"
        if (end := _end(_NUMBER, text, at)) > at:
            kind = "number"
        elif (end := _end(_NAME, text, at)) > at:
            kind = "name"
        else:
            end = at + 1
        tokens.append(_Token(kind, text[at:end], at + 1))
        at = _end(_BLANKS, text, end)
    tokens.append(_Token("end", END_OF_EXPRESSION, len(text) + 1))
    return tokens


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


# --- operators and parser ----------------------------------------------------------------


class _Operator(NamedTuple):
    """An operator whose right-hand side is still being read."""

    binds: int
    step: _Apply


@dataclass(slots=True)
class _Group:
    """What stands between two parentheses, or the whole text; ``function`` if it is a call."""

    function: str = ""
    arguments: int = 1
    operators: list[_Operator] = field(default_factory=list[_Operator])


_BINARY: Final[Mapping[str, _Operator]] = {
    "+": _Operator(1, _Apply(float.__add__, 2)),
    "-": _Operator(1, _Apply(float.__sub__, 2)),
    "*": _Operator(2, _Apply(float.__mul__, 2)),
    "/": _Operator(2, _Apply(float.__truediv__, 2)),
    "%": _Operator(2, _Apply(_remainder, 2)),
}
_NEGATE: Final = _Operator(3, _Apply(float.__neg__, 1))


class _Compiler:
    """Reads the tokens once from left to right and writes the steps in the order they run."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._steps: list[_Step] = []
        self._groups = [_Group()]

    def program(self) -> tuple[_Step, ...]:
        self._read_operand()
        while self._read_after_operand():
            self._read_operand()
        return tuple(self._steps)

    def _read_operand(self) -> None:
        """Read to the end of the next number or variable, with all that opens before it."""
        while True:
            token = self._next()
            if token.kind == "number":
                self._steps.append(float(token.text))
                return
            if token.kind == "name":
                if self._tokens[self._at].text == "(":
                    self._open_call(token.text)
                    continue
                if token.text != "retried":
                    raise ExpressionError(f'unknown identifier "{token.text}"')
                self._steps.append("retried")
                return
            if token.text == "(":
                self._groups.append(_Group())
            elif token.text == "-":
                self._groups[-1].operators.append(_NEGATE)
            elif token.text != "+":
                raise _unexpected(token)

    def _read_after_operand(self) -> bool:
        """Read what follows a complete operand; tell whether another operand must come."""
        while True:
            token = self._next()
            group = self._groups[-1]
            if token.text in _BINARY:
                operation = _BINARY[token.text]
                self._apply(group, operation.binds)
                group.operators.append(operation)
                return True
            self._apply(group, 0)
            is_inside = len(self._groups) > 1
            if token.text == ")" and is_inside:
                self._close(group)
            elif token.text == "," and group.function:
                group.arguments += 1
                return True
            elif token.kind == "end" and not is_inside:
                return False
            else:
                raise _unexpected(token)

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _open_call(self, name: str) -> None:
        self._next()
        if name not in _FUNCTIONS:
            raise ExpressionError(f'unknown function "{name}"')
        if self._tokens[self._at].text == ")":
            raise _wrong_number_of_arguments(name)
        self._groups.append(_Group(name))

    def _close(self, group: _Group) -> None:
        self._groups.pop()
        if group.function:
            function = _FUNCTIONS[group.function]
            if not function.least_arguments <= group.arguments <= function.most_arguments:
                raise _wrong_number_of_arguments(group.function)
            self._steps.append(_Apply(function.compute, group.arguments))

    def _apply(self, group: _Group, binds: int) -> None:
        """Let the group's operators take their operands as far as they bind this tightly."""
        while group.operators and group.operators[-1].binds >= binds:
            self._steps.append(group.operators.pop().step)


def _unexpected(token: _Token) -> ExpressionError:
    return ExpressionError(f'unexpected token "{token.text}" at position {token.position}')


def _wrong_number_of_arguments(name: str) -> ExpressionError:
    return ExpressionError(f"wrong number of arguments for {name}")
