"""Who may import whom, and what: each rule goes from modules to complaints."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from tests.architecture.source import Module, imports, part_of

RANKS: Final[Mapping[str, int]] = {
    "errors": 0,
    "line": 0,
    "decisions": 0,
    "refusals": 1,
    "model": 1,
    "clock": 2,
    "ids": 2,
    "plans": 2,
    "syntax": 2,
    "steady_loop": 3,
    "matching": 3,
    "timeline": 3,
    "wire": 3,
    "engine": 4,
    "api": 5,
    "delivery": 5,
    "answers": 6,
    "drive": 6,
    "transport": 6,
    "server": 6,
    "testing": 7,
    "control": 8,
    "fake": 9,
    "dev": 9,
    "served": 10,
    "demo": 10,
    "exploring": 11,
    "cli": 11,
    "__main__": 12,
}
"""A part of the package imports parts of lower rank and itself. ``cli`` stands for ``cli*.py``."""

PUBLIC_NAMES_RANK: Final = RANKS["fake"]
"""The package's own names (``from fakestash import FakeQStash``) lead to the composition root."""

FORBIDDEN: Final = frozenset(
    {
        ("engine", "wire"),
        ("delivery", "engine"),
        ("transport", "engine"),
        ("server", "engine"),
        ("api", "delivery"),
        ("delivery", "api"),
    }
)
"""Pairs that rank alone would allow, or that must stay apart whatever their ranks become."""

FOR_TYPES_ONLY: Final = frozenset({("model", "syntax"), ("model", "refusals")})
"""Pairs that are allowed under ``TYPE_CHECKING``: values may name what they are parsed into."""

THIRD_PARTY: Final[Mapping[str, tuple[str, ...]]] = {
    "starlette": ("fakestash.api", "fakestash.control", "fakestash.dev", "fakestash.server"),
    "uvicorn": ("fakestash.server",),
    "aiohttp": ("fakestash.delivery.http",),
    "yarl": ("fakestash.delivery.http",),
    "httpx": ("fakestash.transport",),
    "jwt": ("fakestash.wire.signing",),
    "click": ("fakestash.cli*",),
    "croniter": ("fakestash.syntax.cron",),
    "pytest": ("pytest_fakestash",),
    "_pytest": ("pytest_fakestash.chaos",),  # how a test is run again is not public
    "freezegun": ("pytest_fakestash",),
}
"""Where each library may be imported, there and below; one that is not listed, nowhere."""

PURE: Final = frozenset(
    {
        "errors",
        "refusals",
        "decisions",
        "clock",
        "ids",
        "plans",
        "model",
        "syntax",
        "matching",
        "timeline",
        "engine",
    }
)
IO_MODULES: Final = frozenset(
    {"asyncio", "anyio", "starlette", "httpx", "aiohttp", "uvicorn", "socket"}
)
LOCK_HOLDER: Final = "fakestash.engine.engine"
"""The one module on the engine's side that may import ``threading``."""


def against_rank(modules: Iterable[Module]) -> list[str]:
    """Imports that go up, sideways, or along a forbidden pair; parts without a rank."""
    return [
        complaint
        for module in modules
        if module.name != "fakestash"
        for complaint in against_rank_in(module)
    ]


def against_rank_in(module: Module) -> Iterator[str]:
    """The complaints about one module, which must not be the top package."""
    if module.part not in RANKS:
        yield f"{module.name}:1 has no rank: give `{module.part}` one"
        return
    for found in imports(module):
        if found.top != "fakestash" or (target := part_of(found.target)) == module.part:
            continue
        pair = (module.part, target)
        if found.for_types and pair in FOR_TYPES_ONLY:
            continue
        if pair in FORBIDDEN or RANKS.get(target, PUBLIC_NAMES_RANK) >= RANKS[module.part]:
            yield module.at(found.node, f"imports {found.target}")


def out_of_place_libraries(modules: Iterable[Module]) -> list[str]:
    """Libraries imported where they have no business."""
    return [
        module.at(found.node, f"imports {found.top}")
        for module in modules
        for found in imports(module)
        if found.top not in sys.stdlib_module_names
        and found.top not in ("fakestash", module.name.partition(".")[0])
        and not any(
            fnmatchcase(module.name, place) or module.name.startswith(f"{place}.")
            for place in THIRD_PARTY.get(found.top, ())
        )
    ]


def past_the_front_door(modules: Iterable[Module]) -> list[str]:
    """Imports of the plugin that reach into the package instead of using its public names."""
    return [
        module.at(found.node, f"imports {found.target}")
        for module in modules
        if module.name.startswith("pytest_fakestash")
        for found in imports(module)
        if found.top == "fakestash" and part_of(found.target) in RANKS
    ]


def impure(modules: Iterable[Module]) -> list[str]:
    """Modules on the engine's side that could do IO, wait, or lock beside the engine."""
    return [
        module.at(found.node, f"imports {found.top}")
        for module in modules
        if module.part in PURE
        for found in imports(module)
        if found.top in IO_MODULES or (found.top == "threading" and module.name != LOCK_HOLDER)
    ]
