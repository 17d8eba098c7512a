"""Users of the service and their signing keys.

The predefined ones are those of the vendor's own development server: public constants.
"""

import base64
import json
from functools import lru_cache
from typing import Final, NamedTuple


class SigningKeys(NamedTuple):
    """The pair of keys that receivers check signatures with."""

    current: str
    next: str


class User(NamedTuple):
    """A user, whose token is the base64 of its id and password in JSON."""

    id: str
    password: str
    keys: SigningKeys

    @property
    def token(self) -> str:
        """The bearer token."""
        return _token(self.id, self.password)

    @property
    def read_only_token(self) -> str:
        """The bearer token that may only look: its password has a word more (D8)."""
        return _token(self.id, f"{self.password}ReadOnly")


@lru_cache(maxsize=64)
def _token(user_id: str, password: str) -> str:
    # Kept, because every engine asks for those of all users, and suites make many engines.
    text = json.dumps({"UserID": user_id, "Password": password}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


DEFAULT_USER: Final = User(
    "defaultUser",
    "defaultPassword",
    SigningKeys("sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r", "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs"),
)

PREDEFINED_USERS: Final = (
    DEFAULT_USER,
    User(
        "testUser1",
        "testPassword",
        SigningKeys("sig_7GVPjvuwsfqF65iC8fSrs1dfYruM", "sig_5NoELc3EFnZn4DVS5bDs2Nk4b7Ua"),
    ),
    User(
        "testUser2",
        "testPassword",
        SigningKeys("sig_6jWGaWRxHsw4vMSPJprXadyvrybF", "sig_7qHbvhmahe5GwfePDiS5Lg3pi6Qx"),
    ),
    User(
        "testUser3",
        "testPassword",
        SigningKeys("sig_5T8FcSsynBjn9mMLBsXhpacRovJf", "sig_7GFR4YaDshFcqsxWRZpRB161jguD"),
    ),
)
