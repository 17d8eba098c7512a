"""Reading off the traceback of an exception what was checked: for checks that nobody watched.

The official receiver is looked for, and PyJWT, which it uses and others use by hand.
"""

from collections.abc import Iterator
from types import FrameType
from typing import Any

from fakestash.delivery.doctor.checks import PYJWT, UNSEEN, Check, chain, check_of_receiver


def check_in(error: BaseException, at: int) -> Check | None:
    """The check that ``error`` comes from, if it comes from one; ``at`` is when (unix seconds)."""
    for link in chain(error):
        if isinstance(link, Exception):
            for frame in _frames(link):
                check = _check_in_frame(frame, link)
                if check is not None:
                    return check._replace(at=at)
    return None


def _frames(error: BaseException) -> Iterator[FrameType]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _check_in_frame(frame: FrameType, error: Exception) -> Check | None:
    place = (frame.f_globals.get("__name__"), frame.f_code.co_name)
    if place == ("qstash.receiver", "verify"):
        given = frame.f_locals
        return check_of_receiver(given.get("self"), given, error)
    if place == ("jwt.api_jwt", "decode_complete"):
        return _check_of_pyjwt(frame.f_locals, error)
    return None


def _check_of_pyjwt(given: dict[str, Any], error: Exception) -> Check:
    return Check(
        PYJWT,
        signature=given.get("jwt"),
        body=UNSEEN,
        url=given.get("subject"),
        issuer=given.get("issuer"),
        keys=(("key", given.get("key")),),
        verdicts=(str(error),),
    )
