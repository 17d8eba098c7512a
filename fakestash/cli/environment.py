"""``env``: the variables that lead clients to a server, for a shell or a file."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import click

from fakestash.cli.options import local_url
from fakestash.cli.terminal import show

Variables: TypeAlias = Mapping[str, str]

# What stands for characters that quoted text cannot have as they are.
_FISH: Final = str.maketrans({"\\": "\\\\", "'": "\\'"})
_POWERSHELL: Final = str.maketrans({"'": "''"})


def variables_of(url: str, user_name: str) -> dict[str, str]:
    """What clients and receivers of a predefined user read.

    Raises:
        click.UsageError: if there is no such user.
    """
    from fakestash.model.users import PREDEFINED_USERS

    user = next((user for user in PREDEFINED_USERS if user.id == user_name), None)
    if user is None:
        known = ", ".join(user.id for user in PREDEFINED_USERS)
        raise click.UsageError(f"--user must be one of {known}, got {user_name!r}")
    return {
        "QSTASH_URL": url,
        "QSTASH_TOKEN": user.token,
        "QSTASH_CURRENT_SIGNING_KEY": user.keys.current,
        "QSTASH_NEXT_SIGNING_KEY": user.keys.next,
    }


def _for_sh(variables: Variables) -> str:
    import shlex

    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


def _for_fish(variables: Variables) -> str:
    return "\n".join(
        f"set -gx {name} '{value.translate(_FISH)}'" for name, value in variables.items()
    )


def _for_powershell(variables: Variables) -> str:
    return "\n".join(
        f"$env:{name} = '{value.translate(_POWERSHELL)}'" for name, value in variables.items()
    )


def _for_dotenv(variables: Variables) -> str:
    return "\n".join(f"{name}={value}" for name, value in variables.items())


def _for_json(variables: Variables) -> str:
    import json

    return json.dumps(variables, indent=2)


_FORMS: Final[Mapping[str, Callable[[Variables], str]]] = {
    "sh": _for_sh,
    "fish": _for_fish,
    "powershell": _for_powershell,
    "dotenv": _for_dotenv,
    "json": _for_json,
}


@click.command()
@click.option(
    "--shell",
    type=click.Choice(list(_FORMS)),
    default="sh",
    show_default=True,
    help="Who is to read them.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --shell json.")
@click.option(
    "--url",
    metavar="URL",
    help="Where the server is, or will be.  [default: http://127.0.0.1:8080, or with the port of "
    "QSTASH_DEV_PORT]",
)
@click.option("--user", default="defaultUser", show_default=True, metavar="NAME", help="Whose.")
def env(*, shell: str, as_json: bool, url: str | None, user: str) -> None:
    """Print the variables that lead clients to the server.

    In a shell: eval "$(fakestash env)". In fish: fakestash env --shell fish | source. For a file:
    fakestash env --shell dotenv > .env
    """
    from fakestash.cli.client import Server

    at = Server(url or local_url(), "").url  # or an error: a URL, and not that of the service
    variables = variables_of(at, user)
    show(_FORMS["json" if as_json else shell](variables))
