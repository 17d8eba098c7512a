"""Source files as the architecture rules see them: names, syntax trees, imports and uses."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its dotted name, its text and its tree."""

    name: str
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)
    is_package: bool = False

    @property
    def part(self) -> str:
        """The name below the package: ``engine`` for ``fakestash.engine.store``."""
        return part_of(self.name)

    def at(self, node: ast.stmt | ast.expr, what: str) -> str:
        """A complaint about this place."""
        return f"{self.name}:{node.lineno} {what}"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name with its whole path, such as ``fakestash.clock.Clock``."""

    target: str
    node: ast.stmt | ast.expr
    for_types: bool

    @property
    def top(self) -> str:
        """The outermost package that it comes from."""
        return self.target.partition(".")[0]


def parse(name: str, text: str, *, is_package: bool = False) -> Module:
    """The module of that name with that source."""
    return Module(name, text, ast.parse(text), is_package)


def read_tree(package: Path) -> list[Module]:
    """Every module of the package in that folder, in order of their names."""
    return [
        parse(
            ".".join([package.name, *path.relative_to(package).with_suffix("").parts]).removesuffix(
                ".__init__"
            ),
            path.read_text(encoding="utf-8"),
            is_package=path.name == "__init__.py",
        )
        for path in sorted(package.rglob("*.py"))
    ]


def part_of(name: str) -> str:
    """The second name of a dotted path, where all of ``cli*`` is one; empty if there is none."""
    part = [*name.split("."), ""][1]
    return "cli" if part.startswith("cli") else part


def imports(module: Module) -> Iterator[Import]:
    """Every import wherever it stands, also in functions and by ``import_module("...")``."""
    typing_only = {
        inner
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If)
        and dotted(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield Import(alias.name, node, node in typing_only)
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    target = f"{origin_of(module, node)}.{alias.name}"
                    yield Import(target, node, node in typing_only)
            case ast.Call(func=func, args=[ast.Constant(value=str(target)), *_]) if dotted(
                func
            ).endswith(("import_module", "__import__")):
                yield Import(target, node, node in typing_only)
            case _:
                pass


def origin_of(module: Module, node: ast.ImportFrom) -> str:
    """The module that ``from ... import`` names, relative ones resolved."""
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    kept = len(package) - node.level + module.is_package
    return ".".join([*package[:kept], *([node.module] if node.module else [])])


def uses(module: Module) -> Iterator[tuple[str, ast.expr]]:
    """Every use of an imported name by its whole path, whatever it is called locally."""
    known: dict[str, str] = {}
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    outermost = alias.name.partition(".")[0]
                    known[alias.asname or outermost] = alias.name if alias.asname else outermost
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    known[alias.asname or alias.name] = f"{origin_of(module, node)}.{alias.name}"
            case _:
                pass
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            root, dot, rest = dotted(node).partition(".")
            if root in known:
                yield f"{known[root]}{dot}{rest}", node


def dotted(node: ast.expr) -> str:
    """``a.b.c`` as written; what is not a name stands as ``()``, as in ``().c`` for ``f(x).c``."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case _:
            return "()"
