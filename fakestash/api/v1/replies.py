"""How version 1 says that something has been deleted, or will be.

The texts were seen in 2022; documented is JSON, and the last client of version 1 parses it. One
switch chooses between them (D128).
"""

from typing import Final

from fakestash.api.calls import TEXT, Call, Reply, json_reply

_OK: Final = 200
_ACCEPTED: Final = 202


def deleted(call: Call) -> Reply:
    """It is gone."""
    return json_reply(_OK, {"status": "ok"}) if call.json_deletions else Reply(_OK, b"OK", TEXT)


def accepted(call: Call) -> Reply:
    """Nothing more comes of it."""
    if call.json_deletions:
        return json_reply(_ACCEPTED, {"status": "accepted"})
    return Reply(_ACCEPTED, b"Accepted", TEXT)
