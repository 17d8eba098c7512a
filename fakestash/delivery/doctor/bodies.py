"""How the body that was checked differs from the one that was sent."""

import json
from typing import Any, Final

from fakestash.delivery.doctor.problem import Problem, RefusalCause

_BEFORE: Final = 20
"""So much of what both have in common is shown before the first difference."""

_SHOWN: Final = 80
"""So much is shown at all."""

_RAW: Final = (
    "verify the body as it came: (await request.body()).decode() in FastAPI, "
    "request.get_data(as_text=True) in Flask, request.body.decode() in Django"
)

_DECODE: Final = "decode it as UTF-8: body.decode()"
_EARLY: Final = (
    "read it before anything else does: a stream is read once, and a form parser leaves nothing"
)
TEXT: Final = "publish such bodies as text, e.g. in base64"


def body_problem(sent: bytes, checked: Any) -> Problem | None:  # noqa: ANN401 - what the app used
    """What is wrong with the body that was checked, if anything is."""
    if isinstance(checked, str) and checked.encode(errors="replace") == sent:
        return None
    what, advice = _told(sent, checked)
    one, other = contrasted(sent, checked)
    return Problem(
        cause=RefusalCause.BODY,
        what=f"the body that was verified is not the one that was sent: {what}",
        sent=one,
        checked=other,
        advice=advice,
    )


def same_json(sent: bytes, checked: str) -> bool:
    """Whether both are JSON and mean the same."""
    try:
        meant: object = json.loads(sent)
        return bool(meant == json.loads(checked))
    except ValueError:
        return False


def contrasted(sent: bytes, checked: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
    """Both bodies around their first difference."""
    one = sent.decode(errors="backslashreplace")
    if not isinstance(checked, str):
        return _cut(one, 0), _cut(checked, 0) if isinstance(checked, bytes) else repr(checked)
    same = 0
    for a, b in zip(one, checked, strict=False):
        if a != b:
            break
        same += 1
    return _cut(one, same), _cut(checked, same)


def _told(sent: bytes, checked: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
    """What is odd about a body, and what to do."""
    if isinstance(checked, str):
        return _told_of_text(sent, checked)
    advice = _DECODE if isinstance(checked, bytes | bytearray) else _RAW
    return f"verify() takes text and got {_kind(checked)}", advice


def _told_of_text(sent: bytes, checked: str) -> tuple[str, str]:
    decoded = sent.decode(errors="replace")
    what, advice = "it is other text", _RAW
    if not checked:
        what, advice = "it is empty", _EARLY
    elif checked == repr(sent):
        what, advice = "str() was made of the bytes", _DECODE
    elif checked == sent.decode("latin-1"):
        what, advice = "it was decoded as Latin-1", _DECODE
    elif checked == decoded:
        what, advice = "it is no UTF-8, and the official Python receiver checks text alone", TEXT
    elif same_json(sent, checked):
        what = "it is the same JSON, written in another way"
    elif checked.strip() == decoded.strip():
        what = "white space at its ends differs"
    return what, advice


def _cut(text: str | bytes, same: int) -> str:
    since = max(0, same - _BEFORE) if len(text) > _SHOWN else 0
    shown = text[since : since + _SHOWN]
    lead = "..." if since else ""
    rest = "..." if since + _SHOWN < len(text) else ""
    return f"{lead}{shown!r}{rest}"


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__
