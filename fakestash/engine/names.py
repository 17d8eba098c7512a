"""Names that users choose: for queues, URL groups and schedules (the rule is documented)."""

import re
from typing import Final

from fakestash import refusals

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def check_name(name: str, what: str) -> None:
    """Refuse a name that has other characters than it may.

    ``what`` is what the error calls it, such as ``queue name``.

    Raises:
        ServiceError: 400.
    """
    if not _NAME.fullmatch(name):
        raise refusals.invalid_name(what)
