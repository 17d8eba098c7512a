"""Scripts of destinations in JSON: answers in order and rules, as ``responds`` and ``when`` take.

A script is written as a whole: it takes the place of the answers and rules that were there.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

from fakestash.control.asked import Json
from fakestash.control.patterns import Read, as_it_is, headers_like, number_like, text_like
from fakestash.control.reading import read_object, text
from fakestash.delivery.faults import Fault
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.delivery.scripted_answers import Answer, Late
from fakestash.errors import UsageError
from fakestash.syntax.moments import DurationLike, millis_of

MOST_ANSWERS: Final = 10_000
MOST_RULES: Final = 1_000

SCRIPT_FIELDS: Final = ("url", "answers", "took", "repeat", "rules")

_FAULTS: Final = ", ".join(fault.value for fault in Fault)
_FORMS: Final = (
    'an answer is a status such as 503, {"status": ..., "headers": {...}, "body": ...}, or '
    f'{{"fault": one of {_FAULTS}}}'
)
_ANSWER_FIELDS: Final = ("status", "headers", "body", "bodyBase64", "took")
_FAULT_FIELDS: Final = ("fault", "took")
_RULE_FIELDS: Final = ("when", "answers", "took", "repeat")

CONDITIONS: Final[Mapping[str, Read]] = {
    "method": text_like,
    "body": text_like,
    "json": as_it_is,
    "headers": headers_like,
    "attempt": number_like,
    **dict.fromkeys(("after", "every", "times", "probability"), as_it_is),
}
"""What a rule may ask: the arguments of ``ScriptedDestination.when``."""


class _Answers(NamedTuple):
    """What ``responds`` is called with."""

    answers: list[Answer]
    took: DurationLike
    repeat: bool


class _Script(NamedTuple):
    """Answers, and rules: what each asks, and its answers."""

    answers: _Answers
    rules: list[tuple[dict[str, Any], _Answers]]

    def into(self, destination: ScriptedDestination) -> ScriptedDestination:
        """Write it down.

        Raises:
            UsageError: on a bad value.
        """
        answers, took, repeat = self.answers
        destination.responds(*answers, took=took, cycle=repeat)
        destination.clear_rules()
        for index, (conditions, (answers, took, repeat)) in enumerate(self.rules):
            try:
                destination.when(**conditions).responds(*answers, took=took, cycle=repeat)
            except UsageError as error:
                raise UsageError(f"rules[{index}]: {error}") from error
        return destination


def script(destination: Callable[[str], ScriptedDestination], fields: Json) -> ScriptedDestination:
    """Write a script as ``fields`` say it; ``destination`` gives the one for a URL.

    Raises:
        UsageError: on a bad value; nothing has been changed then.
    """
    rules = fields.get("rules", [])
    if not isinstance(rules, list):
        raise UsageError(f"rules must be a list, got {rules!r:.80}")
    listed = cast("list[object]", rules)
    if len(listed) > MOST_RULES:
        raise UsageError(f"rules must be {MOST_RULES} ones at most, got {len(listed)}")
    found = _Script(
        _answers(fields, ""),
        [_rule(rule, f"rules[{index}]") for index, rule in enumerate(listed)],
    )
    url = text(fields["url"], "url")
    # What is wrong with a value shows here, before anything is changed.
    found.into(ScriptedDestination(url))
    return found.into(destination(url))


def _rule(rule: object, name: str) -> tuple[dict[str, Any], _Answers]:
    if not isinstance(rule, dict):
        raise UsageError(
            f'{name} must be an object such as {{"when": {{"attempt": 1}}, "answers": [503]}}, got '
            f"{rule!r:.80}"
        )
    given = read_object(cast("Json", rule), _RULE_FIELDS, name)
    when = given.get("when", {})
    if not isinstance(when, dict):
        raise UsageError(f"{name}.when must be an object, got {when!r:.80}")
    asked = read_object(cast("Json", when), tuple(CONDITIONS), f"{name}.when")
    conditions = {
        each: CONDITIONS[each](value, f"{name}.when.{each}")
        for each, value in asked.items()
        if value is not None or each == "json"
    }
    return conditions, _answers(given, f"{name}.")


def _answers(fields: Json, within: str) -> _Answers:
    """The answers of a destination, or of a rule; ``within`` is how their names begin."""
    answers = fields.get("answers", [200])
    if not isinstance(answers, list):
        raise UsageError(f"{within}answers must be a list, got {answers!r:.80}: {_FORMS}")
    listed = cast("list[object]", answers)
    if not 1 <= len(listed) <= MOST_ANSWERS:
        raise UsageError(
            f"{within}answers must be from 1 to {MOST_ANSWERS} ones, got {len(listed)}"
        )
    repeat = fields.get("repeat", False)
    if not isinstance(repeat, bool):
        raise UsageError(f"{within}repeat must be true or false, got {repeat!r:.80}")
    read = [_answer(answer, f"{within}answers[{index}]") for index, answer in enumerate(listed)]
    return _Answers(read, fields.get("took", 0), repeat)


def _answer(answer: object, name: str) -> Answer:
    if isinstance(answer, int) and not isinstance(answer, bool):
        return answer
    if not isinstance(answer, dict):
        raise UsageError(f"{name} is no answer: {answer!r:.80}; {_FORMS}")
    given = cast("Json", answer)
    if "fault" in given:
        plain: Answer = _fault(read_object(given, _FAULT_FIELDS, name)["fault"], name)
    else:
        read_object(given, _ANSWER_FIELDS, name)
        if "status" not in given:
            raise UsageError(f"{name} has no status: {_FORMS}")
        headers, body = _headers(given.get("headers"), name), _body(given, name)
        plain = (cast("int", given["status"]), headers, body)
    if given.get("took") is None:
        return plain
    return Late(plain, millis_of(given["took"], name=f"{name}.took"))


def _fault(value: object, name: str) -> Fault:
    for fault in Fault:
        if fault.value == value:
            return fault
    raise UsageError(f"{name}.fault must be one of {_FAULTS}, got {value!r:.80}")


def _headers(headers: object, name: str) -> list[tuple[str, str]]:
    if headers is None:
        return []
    if not isinstance(headers, dict):
        raise UsageError(f"{name}.headers must be an object, got {headers!r:.80}")
    items: list[tuple[str, str]] = []
    for key, value in cast("Json", headers).items():
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        for each in values:
            if not isinstance(each, str):
                raise UsageError(f"{name}.headers[{key!r:.80}] must be text, got {each!r:.80}")
            items.append((key, each))
    return items


def _body(given: Json, name: str) -> Any:  # noqa: ANN401 - what a script takes
    if "bodyBase64" not in given:
        return given.get("body")
    if "body" in given:
        raise UsageError(f"{name} has both body and bodyBase64: give one of them")
    try:
        return base64.b64decode(text(given["bodyBase64"], f"{name}.bodyBase64"), validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(f"{name}.bodyBase64 is no base64: {given['bodyBase64']!r:.80}") from None
