"""Users of a config file, who are there beside the predefined ones."""

from typing import Any, Final, cast

from fakestash.control.reading import read_object, text
from fakestash.dev.config.tables import tables_of
from fakestash.errors import UsageError
from fakestash.ids import Ids
from fakestash.model.users import PREDEFINED_USERS, SigningKeys, User

_FIELDS: Final = ("id", "password", "current_signing_key", "next_signing_key")


def users_of(value: object) -> tuple[User, ...]:
    """The predefined users, and those of the file.

    Raises:
        UsageError: on a bad value, or an id that is taken.
    """
    users = {user.id: user for user in PREDEFINED_USERS}
    for name, table in tables_of(value, "users"):
        user = _user_of(read_object(table, _FIELDS, name), name)
        if user.id in users:
            raise UsageError(f"{name}.id is taken: there is a user {user.id!r} already")
        users[user.id] = user
    return tuple(users.values())


def _user_of(table: dict[str, Any], name: str) -> User:
    for required in ("id", "password"):
        if required not in table:
            raise UsageError(f"{name}.{required} is missing: a user has an id and a password")
    user_id = text(table["id"], f"{name}.id")
    # The same keys at each start: they end up in the settings of receivers.
    ids = Ids(int.from_bytes(user_id.encode()))
    keys = [
        text(table.get(f"{which}_signing_key", ids.signing_key()), f"{name}.{which}_signing_key")
        for which in ("current", "next")
    ]
    password = text(table["password"], f"{name}.password")
    return User(user_id, password, SigningKeys(*cast("tuple[str, str]", tuple(keys))))
