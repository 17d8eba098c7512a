"""What code may do and how large it may be: each rule goes from modules to complaints."""

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from tests.architecture.source import Module, dotted, imports, uses

WALL_CLOCK: Final = frozenset(
    {
        "time.time",
        "time.time_ns",
        "time.monotonic",
        "time.monotonic_ns",
        "time.perf_counter",
        "time.perf_counter_ns",
        "time.clock_gettime",
        "time.clock_gettime_ns",
        "time.sleep",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
    }
)
RANDOM_MODULES: Final = frozenset({"random", "secrets", "uuid"})

MUTABLE_CALLS: Final = frozenset(
    {"dict", "fromkeys", "list", "set", "bytearray", "defaultdict", "deque", "Counter"}
)

MODULE_LINES: Final = 400
"""A module has at most so many lines."""

FUNCTION_LINES: Final = 50
"""A function has at most so many lines, without its docstring."""

PLUGIN_LINES: Final = 700
"""All modules of the plugin together have fewer lines."""


def wall_clock_readers(modules: Iterable[Module]) -> list[str]:
    """Uses of the machine's clock, or waits on it, outside the one module that may."""
    return [
        module.at(node, f"uses {used}")
        for module in modules
        if module.name != "fakestash.clock"
        for used, node in uses(module)
        if used in WALL_CLOCK
    ]


def randomness_makers(modules: Iterable[Module]) -> list[str]:
    """Sources of randomness outside the one module that may have one."""
    return [
        complaint
        for module in modules
        if module.name != "fakestash.ids"
        for complaint in (
            *(
                module.at(found.node, f"imports {found.top}")
                for found in imports(module)
                if found.top in RANDOM_MODULES
            ),
            *(
                module.at(node, f"uses {used}")
                for used, node in uses(module)
                if used in ("os.urandom", "os.getrandom")
            ),
        )
    ]


def mutable_globals(modules: Iterable[Module]) -> list[str]:
    """Containers at module level that nothing promises to leave alone."""
    return [
        module.at(statement, f"`{ast.unparse(target)}` is a mutable container, not Final")
        for module in modules
        for statement in at_module_level(module.tree)
        for target in unpromised_targets(statement)
        if dotted(target) not in ("__all__", "__slots__")
    ]


def at_module_level(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements that run on import, also those under ``if``, ``try``, ``for``, ``with``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            continue
        if isinstance(child, ast.stmt):
            yield child
        yield from at_module_level(child)


def unpromised_targets(statement: ast.stmt) -> list[ast.expr]:
    """What a statement binds to a mutable container without ``Final``."""
    match statement:
        case ast.Assign(targets=targets, value=value) if is_mutable(value):
            return targets
        case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr() as value):
            promised = "Final" in ast.unparse(annotation)
            return [target] if is_mutable(value) and not promised else []
        case _:
            return []


def is_mutable(value: ast.expr) -> bool:
    """Whether an expression plainly makes a dict, list, set or one of their kin."""
    if isinstance(value, ast.Call):
        return dotted(value.func).rpartition(".")[2] in MUTABLE_CALLS
    return isinstance(
        value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp
    )


def undocumented(modules: Iterable[Module]) -> list[str]:
    """Modules that do not say what they are."""
    return [f"{m.name}:1 has no docstring" for m in modules if not ast.get_docstring(m.tree)]


def too_long(modules: Iterable[Module]) -> list[str]:
    """Modules and functions over their budget; a function's docstring costs nothing."""
    complaints = []
    for module in modules:
        count = lines([module])
        if count > MODULE_LINES:
            complaints.append(f"{module.name}:1 has {count} lines")
        complaints += [
            module.at(node, f"{node.name} has {length} lines")
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (length := code_lines(node)) > FUNCTION_LINES
        ]
    return complaints


def lines(modules: Iterable[Module]) -> int:
    """How many lines the modules have together."""
    return sum(len(module.text.splitlines()) for module in modules)


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    documented = ast.get_docstring(function) is not None
    return span(function) - (span(function.body[0]) if documented else 0)


def span(node: ast.stmt) -> int:
    """How many lines a statement covers."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def state_writes(modules: Iterable[Module]) -> list[str]:
    """Every assignment to an attribute ``state``, by whatever spelling."""
    return [
        f"{module.name}:{node.lineno}"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.Call) and writes_state(node)
    ]


def writes_state(node: ast.Attribute | ast.Call) -> bool:
    """Whether this is ``x.state = ...`` or a ``setattr`` of that name."""
    match node:
        case ast.Attribute(attr="state", ctx=ast.Store()):
            return True
        case ast.Call(func=func, args=[_, ast.Constant(value="state"), _]):
            return dotted(func).rpartition(".")[2] in ("setattr", "__setattr__")
        case _:
            return False


def calls(modules: Iterable[Module], wanted: Callable[[str], bool]) -> list[str]:
    """Every call of a function whose name, as written, is wanted."""
    return [
        module.at(node, f"calls {written}")
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and wanted(written := dotted(node.func))
    ]


def takers_of_deliveries(modules: Iterable[Module]) -> list[str]:
    """Calls of ``claim`` and ``settle``, the only door to a delivery, from outside the drivers."""
    outside = (module for module in modules if module.part not in ("drive", "engine"))
    return calls(outside, lambda written: written.endswith((".claim", ".settle")))


def evaluators(modules: Iterable[Module]) -> list[str]:
    """Calls that run text as code."""
    return calls(modules, lambda written: written in ("eval", "exec"))


def sleepers(modules: Iterable[Module]) -> list[str]:
    """Calls that wait, in tests that are not there to wait."""
    hasty = (module for module in modules if module.part not in ("realtime", "benchmarks"))
    return calls(hasty, lambda written: written.rpartition(".")[2] == "sleep")


def approximators(modules: Iterable[Module]) -> list[str]:
    """Modules that compare by ``approx``: time is whole milliseconds, so ``==`` will do."""
    return [module.name for module in modules if "approx" in names(module)]


def names(module: Module) -> set[str]:
    """Every name that a module reads, imports or looks up on something."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                found.add(name)
            case ast.ImportFrom(names=aliases):
                found.update(alias.name for alias in aliases)
            case _:
                pass
    return found


def unused_constants(decisions: Module, others: Iterable[Module]) -> list[str]:
    """Decisions that nothing in the package follows."""
    used = names(decisions).union(*(names(module) for module in others))
    return [
        decisions.at(node, f"{node.id} is used nowhere")
        for node in ast.walk(decisions.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in used
    ]
