"""Reading the config file. Whatever is wrong in it is told with file, key and value."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from fakestash.control.reading import read_object, text, whole
from fakestash.dev.config.hosts import Rewrites, rewrites_of
from fakestash.dev.config.preload import Preload, preload_of
from fakestash.dev.config.users import users_of
from fakestash.dev.settings import Settings
from fakestash.drive.modes import pace_of
from fakestash.errors import UsageError
from fakestash.model.users import PREDEFINED_USERS, User
from fakestash.plans import plan_of
from fakestash.syntax.moments import instant_of
from fakestash.testing.chaos import chaos_of_text

FILE: Final = "fakestash.toml"
PYPROJECT: Final = "pyproject.toml"

Read = TypeVar("Read")

_LAST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a config file says.

    ``path`` is the file, None if there is none. ``settings`` are those of its own; ``preload`` is
    what every world has at its start.
    """

    path: Path | None = None
    settings: Settings = field(default_factory=Settings)
    users: tuple[User, ...] = PREDEFINED_USERS
    preload: Preload = field(default_factory=Preload)
    rewrites: Rewrites = field(default_factory=Rewrites)

    def under(self, settings: Settings) -> Settings:
        """Settings in which what is None is as the file says."""
        missing = {
            each.name: getattr(self.settings, each.name)
            for each in fields(settings)
            if getattr(settings, each.name) in {None, ()}
        }
        if settings.mode is not None or settings.rate is not None:
            missing |= {"mode": settings.mode, "rate": settings.rate}
        return replace(settings, **missing)


def read_config(path: Path | None, directory: Path | None = None) -> Config:
    """The config file that is named, or the one that is found in a directory, or none.

    Raises:
        UsageError: if it cannot be read, or something in it is wrong.
    """
    found = path or _found(directory or Path.cwd())
    if found is None:
        return Config()
    try:
        return _config_of(found, _table(found))
    except UsageError as error:
        raise UsageError(f"{found}: {error}") from error


def _found(directory: Path) -> Path | None:
    own, project = directory / FILE, directory / PYPROJECT
    if own.is_file():
        return own
    if project.is_file() and b"tool.fakestash" in project.read_bytes():
        return project
    return None


def _table(path: Path) -> Mapping[str, Any]:
    try:
        whole_file = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"is no TOML: {error}") from error
    if path.name != PYPROJECT:
        return whole_file
    tool = whole_file.get("tool")
    table: object = {}
    if isinstance(tool, dict):
        table = cast("dict[str, object]", tool).get("fakestash", {})
    if not isinstance(table, dict):
        raise UsageError(f"tool.fakestash must be a table, got {table!r:.80}")
    return cast("Mapping[str, Any]", table)


_SETTINGS: Final = (
    *("host", "port", "log_port", "mode", "rate", "start", "seed", "plan", "control_token"),
    *("strict_api", "ca_file", "insecure_tls", "max_messages", "chaos"),
)
_TABLES: Final = ("users", "hosts", "url_groups", "queues", "schedules", "destinations")


def _config_of(path: Path, table: Mapping[str, Any]) -> Config:
    read_object(dict(table), (*_SETTINGS, *_TABLES), "the file")
    return Config(
        path=path,
        settings=_settings_of(table),
        users=users_of(table.get("users", [])),
        preload=preload_of(table),
        rewrites=rewrites_of(table.get("hosts", {})),
    )


def _settings_of(table: Mapping[str, Any]) -> Settings:
    def given(name: str, read: Callable[[object, str], Read]) -> Read | None:
        return read(table[name], name) if name in table else None

    settings = Settings(
        host=given("host", text),
        port=given("port", _port),
        log_port=given("log_port", _port),
        mode=given("mode", text),
        rate=table.get("rate"),
        start=given("start", _start),
        seed=given("seed", whole),
        quota=given("plan", _plan),
        control_token=given("control_token", text),
        strict_api=given("strict_api", _flag),
        ca_file=given("ca_file", text),
        insecure_tls=given("insecure_tls", _texts) or (),
        max_messages=given("max_messages", _count),
        chaos=given("chaos", _chaos),
    )
    if settings.mode is not None or settings.rate is not None:
        pace_of(settings.mode or "rate", settings.rate)
    return settings


def _port(value: object, name: str) -> int:
    port = whole(value, name)
    if port > _LAST_PORT:
        raise UsageError(f"{name} must be {_LAST_PORT} at most, got {port}")
    return port


def _count(value: object, name: str) -> int:
    return whole(value, name, 1)


def _start(value: object, name: str) -> Any:  # noqa: ANN401 - an instant in any form
    if value != "now":
        instant_of(cast("Any", value), name=name)
    return value


def _plan(value: object, name: str) -> str:
    return plan_of(text(value, name), name).name


def _chaos(value: object, name: str) -> str:
    said = str(whole(value, name)) if isinstance(value, int) else text(value, name)
    chaos_of_text(said)
    return said


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{name} must be true or false, got {value!r:.80}")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise UsageError(f"{name} must be a list of texts, got {value!r:.80}")
    return tuple(text(each, f"{name}[{at}]") for at, each in enumerate(cast("list[object]", value)))
