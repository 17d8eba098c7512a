"""What the official Python client offers, read from its own signatures and types.

An option is written like a call: ``queue.upsert(parallelism)``, or ``queue.list()`` where there
are none. Where a parameter is a typed dict, or a list of such, each of its keys is an option
too: ``log.list(filter.state)``.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, cast, get_args, get_type_hints, is_typeddict

import qstash
from qstash import AsyncQStash, QStash, Receiver, chat

Function: TypeAlias = Callable[..., Any]


def everything() -> frozenset[str]:
    """All that the package offers; the async client is named like the blocking one."""
    classes = {name: getattr(qstash, name) for name in qstash.__all__ if name != "AsyncQStash"}
    functions = {
        f"chat.{name}": function
        for name, function in inspect.getmembers(chat, inspect.isfunction)
        if function.__module__ == chat.__name__
    }
    receiver = {"Receiver": Receiver("current", "next")}
    found = classes | functions | named_methods(receiver) | METHODS
    return frozenset(
        option for name, function in found.items() for option in offered(name, function)
    )


def parts_of(client: QStash | AsyncQStash) -> dict[str, object]:
    """The parts of a client, such as ``message``, by name."""
    return {name: part for name, part in vars(client).items() if not name.startswith("_")}


def named_methods(parts: Mapping[str, object]) -> dict[str, Function]:
    """The public methods of objects, bound, by names like ``message.publish``."""
    return {
        f"{part_name}.{name}": getattr(part, name)
        for part_name, part in parts.items()
        for name, _ in inspect.getmembers(type(part), inspect.isfunction)
        if not name.startswith("_")
    }


def offered(name: str, function: Function) -> frozenset[str]:
    """The options of one function, or of a class, that is called by ``name``."""
    hints = get_type_hints(function.__init__ if inspect.isclass(function) else function)
    return written(
        name,
        (
            path
            for parameter in inspect.signature(function).parameters
            for path in (parameter, *_keys(hints[parameter], parameter))
        ),
    )


def used(
    name: str, function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> frozenset[str]:
    """The options that a call with these arguments makes use of."""
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    return written(name, paths_in(given)) & offered(name, function)


def written(name: str, paths: Iterable[str]) -> frozenset[str]:
    """The options of one function, in the way that they are written here."""
    return frozenset(f"{name}({path})" for path in paths) or frozenset({f"{name}()"})


def paths_in(given: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The names of what is given, and of what stands in it: ``filter`` and ``filter.state``."""
    for name, value in given.items():
        yield f"{prefix}{name}"
        for inner in _dicts_in(value):
            yield from paths_in(inner, f"{prefix}{name}.")


def _dicts_in(value: object) -> Iterator[dict[str, Any]]:
    """The dicts that a value is, or is a list of."""
    match value:
        case dict():
            yield value
        case list():
            for element in cast("list[object]", value):
                yield from _dicts_in(element)
        case _:
            pass


def _keys(kind: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - a type is any object
    """The keys of the typed dicts that a type is made of."""
    if is_typeddict(kind):
        for key, inner in get_type_hints(kind).items():
            yield f"{path}.{key}"
            yield from _keys(inner, f"{path}.{key}")
    for argument in get_args(kind):
        yield from _keys(argument, path)


METHODS: Final = named_methods(parts_of(QStash("")))
"""The methods of a client, by names like ``message.publish``."""
