"""The public names with all that can be seen of them, as text.

Read from the source rather than from the objects: how Python prints signatures changes from
version to version. After a change that is meant: ``python -m tests.public_api``.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final, TypeAlias

import fakestash

SNAPSHOT: Final = Path(__file__).with_name("public_api.txt")

# Methods with these names are called by using an object, not by name.
_SPOKEN_FOR: Final = ("__init__", "__enter__", "__aenter__", "__call__")


def render() -> str:
    """Every public name in order, its members below it."""
    return "\n".join(line for name in fakestash.__all__ for line in _lines(name)) + "\n"


def _lines(name: str) -> Iterator[str]:
    public = getattr(fakestash, name)
    node = _node(public)
    if isinstance(node, ast.ClassDef):
        yield from _class(name, public, node)
    else:
        yield _function(node)


def _class(name: str, public: type, node: ast.ClassDef) -> Iterator[str]:
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    yield f"class {name}({bases})" if bases else f"class {name}"
    yield from _members(node)
    for base in inspect.getmro(public)[1:]:
        # Classes of the package's own that are not public are seen only here.
        if base.__module__.startswith("fakestash.") and base.__name__ not in fakestash.__all__:
            found = _node(base)
            assert isinstance(found, ast.ClassDef)
            yield from _members(found)


def _members(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if (shown := _member(statement)) is not None:
            yield f"    {shown}"
            yield from (f"    {attribute}" for attribute in _attributes(statement))


_Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _node(public: type) -> _Definition:
    module = inspect.getmodule(public)
    if module is None:
        raise LookupError(f"{public.__name__} comes from nowhere")
    return _find(module, public.__name__)


def _find(module: ModuleType, name: str) -> _Definition:
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, _Definition) and node.name == name:
            return node
    raise LookupError(f"{module.__name__} defines no {name}")


def _member(statement: ast.stmt) -> str | None:
    """A line for a public member; None for everything else."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
            return None if _is_private(name) else f"{name}: {ast.unparse(annotation)}"
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return None if _is_private(name) else f"{name} = {ast.unparse(value)}"
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return None if _is_private(name) else _function(statement)
        case _:
            return None


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    returns = "" if node.returns is None else ast.unparse(node.returns)
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    if "property" in decorators:
        return f"{node.name}: {returns}"
    prefix = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    marks = "".join(f"@{decorator} " for decorator in decorators)
    return f"{marks}{prefix} {node.name}({ast.unparse(node.args)}) -> {returns}"


def _attributes(statement: ast.stmt) -> Iterator[str]:
    """The public attributes that ``__init__`` sets, without their types."""
    if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
        for node in ast.walk(statement):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    if not _is_private(name):
                        yield f"{name} = ..."
                case _:
                    pass


def _is_private(name: str) -> bool:
    return name.startswith("_") and name not in _SPOKEN_FOR


if __name__ == "__main__":
    SNAPSHOT.write_text(render(), encoding="utf-8")
