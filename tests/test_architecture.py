"""The shape of the code: who imports whom, who may read the clock, how long things may be.

Each rule is tried twice: on planted code, where it must report what is wrong and nothing
else, and on the real code, where it must find nothing.
"""

from pathlib import Path

import pytest

from tests.architecture import habits, layers
from tests.architecture.source import Module, parse, read_tree

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def package() -> list[Module]:
    return read_tree(ROOT / "fakestash")


@pytest.fixture(scope="module")
def plugin() -> list[Module]:
    return read_tree(ROOT / "conftest_plugin" / "pytest_fakestash")


@pytest.fixture(scope="module")
def suite() -> list[Module]:
    return read_tree(ROOT / "tests")


def test_the_scan_finds_the_code(
    package: list[Module], plugin: list[Module], suite: list[Module]
) -> None:
    assert {module.name for module in (*package, *plugin, *suite)} >= {
        "fakestash.errors",
        "fakestash.engine",
        "fakestash.engine.lifecycle",
        "pytest_fakestash",
        "pytest_fakestash.plugin",
        "tests.test_architecture",
        "tests.architecture.layers",
    }


# --- layers --------------------------------------------------------------------------------


def test_each_part_imports_only_what_lies_below_it(package: list[Module]) -> None:
    assert layers.against_rank(package) == []


@pytest.mark.parametrize(
    ("importer", "text", "complaint"),
    [
        ("clock", "import fakestash.api.app", "imports fakestash.api.app"),
        ("clock", "from fakestash import ids", "imports fakestash.ids"),
        ("clock", "from fakestash.ids import Ids", "imports fakestash.ids.Ids"),
        ("clock", "from . import ids", "imports fakestash.ids"),
        ("engine.store", "from ..fake import F", "imports fakestash.fake.F"),
        ("engine.store", "from fakestash import FakeQStash", "imports fakestash.FakeQStash"),
        ("engine.store", "import fakestash", "imports fakestash"),
        ("engine.store", "from fakestash.wire import x", "imports fakestash.wire.x"),
        ("delivery.http", "from fakestash.engine import x", "imports fakestash.engine.x"),
        ("transport", "from fakestash.engine import x", "imports fakestash.engine.x"),
        ("server", "from fakestash.engine import x", "imports fakestash.engine.x"),
        ("api.app", "from fakestash.delivery import x", "imports fakestash.delivery.x"),
        ("delivery.http", "from fakestash.api import x", "imports fakestash.api.x"),
        ("plans", "import_module('fakestash.fake')", "imports fakestash.fake"),
        ("plans", "importlib.import_module('fakestash.fake')", "imports fakestash.fake"),
        ("plans", "if not TYPE_CHECKING: import fakestash.ids", "imports fakestash.ids"),
        ("plans", "if TYPE_CHECKING: import fakestash.ids", "imports fakestash.ids"),
        ("model.users", "import fakestash.syntax", "imports fakestash.syntax"),
        ("limits", "", "has no rank: give `limits` one"),
    ],
)
def test_an_import_that_goes_up_or_sideways_is_reported(
    importer: str, text: str, complaint: str
) -> None:
    name = f"fakestash.{importer}"

    assert layers.against_rank([parse(name, text)]) == [f"{name}:1 {complaint}"]


@pytest.mark.parametrize(
    ("importer", "text"),
    [
        ("clock", "from fakestash.errors import UsageError"),
        ("engine.store", "from fakestash.engine.due import ResponseDue"),
        ("engine.store", "from .due import ResponseDue"),
        ("drive.manual", "from fakestash.engine import Engine"),
        ("cli_dev", "from fakestash import FakeQStash"),
        ("model.users", "if TYPE_CHECKING: import fakestash.syntax"),
        ("model.users", "if typing.TYPE_CHECKING: import fakestash.syntax"),
    ],
)
def test_an_import_that_goes_down_or_stays_inside_is_fine(importer: str, text: str) -> None:
    assert layers.against_rank([parse(f"fakestash.{importer}", text)]) == []


def test_a_relative_import_in_a_package_starts_at_the_package() -> None:
    module = parse("fakestash.engine", "from .wire import x\nfrom ..wire import y", is_package=True)

    assert layers.against_rank([module]) == ["fakestash.engine:2 imports fakestash.wire.y"]


def test_the_top_of_the_package_may_import_anything_of_its_own() -> None:
    module = parse("fakestash", "from fakestash.cli import main", is_package=True)

    assert layers.against_rank([module]) == []


def test_every_library_is_imported_in_its_place(
    package: list[Module], plugin: list[Module]
) -> None:
    assert layers.out_of_place_libraries([*package, *plugin]) == []


@pytest.mark.parametrize(
    ("importer", "library"),
    [
        ("fakestash.engine.engine", "starlette.requests"),
        ("fakestash.apiary", "starlette"),
        ("fakestash.fake", "uvicorn"),
        ("fakestash.delivery.router", "aiohttp"),
        ("fakestash.delivery.http", "httpx"),
        ("fakestash.wire.headers", "jwt"),
        ("fakestash.server", "click"),
        ("fakestash.fake", "pytest"),
        ("fakestash.clock", "freezegun"),
        ("fakestash.fake", "pytest_fakestash"),
        ("fakestash.api.app", "somebody_elses"),
    ],
)
def test_a_library_out_of_place_is_reported(importer: str, library: str) -> None:
    module = parse(importer, f"def f():\n    import {library}")

    assert layers.out_of_place_libraries([module]) == [
        f"{importer}:2 imports {library.partition('.')[0]}"
    ]


@pytest.mark.parametrize(
    ("importer", "library"),
    [
        ("fakestash.api", "starlette"),
        ("fakestash.api.app", "starlette.applications"),
        ("fakestash.server", "uvicorn"),
        ("fakestash.delivery.http", "aiohttp"),
        ("fakestash.transport", "httpx"),
        ("fakestash.wire.signing", "jwt"),
        ("fakestash.cli", "click"),
        ("fakestash.cli_dev", "click"),
        ("pytest_fakestash.plugin", "pytest"),
        ("fakestash.engine.engine", "collections.abc"),
        ("fakestash.engine.engine", "fakestash.clock"),
        ("pytest_fakestash.plugin", "pytest_fakestash"),
    ],
)
def test_a_library_in_its_place_is_fine(importer: str, library: str) -> None:
    assert layers.out_of_place_libraries([parse(importer, f"import {library}")]) == []


def test_the_plugin_uses_public_names_only(plugin: list[Module]) -> None:
    assert layers.past_the_front_door(plugin) == []


def test_a_plugin_that_reaches_into_the_package_is_reported() -> None:
    module = parse(
        "pytest_fakestash.plugin",
        "from fakestash import FakeQStash\nfrom fakestash.engine import Engine",
    )

    assert layers.past_the_front_door([module]) == [
        "pytest_fakestash.plugin:2 imports fakestash.engine.Engine"
    ]


def test_the_side_of_the_engine_does_no_io(package: list[Module]) -> None:
    assert layers.impure(package) == []


@pytest.mark.parametrize(
    ("importer", "text", "complaint"),
    [
        ("engine.engine", "import asyncio", "imports asyncio"),
        ("syntax.cron", "from socket import socket", "imports socket"),
        ("clock", "import threading", "imports threading"),
        ("engine.store", "import threading", "imports threading"),
    ],
)
def test_io_and_locks_on_the_side_of_the_engine_are_reported(
    importer: str, text: str, complaint: str
) -> None:
    name = f"fakestash.{importer}"

    assert layers.impure([parse(name, text)]) == [f"{name}:1 {complaint}"]


@pytest.mark.parametrize(
    ("importer", "text"),
    [("engine.engine", "import threading"), ("drive.realtime", "import asyncio, threading")],
)
def test_the_lock_of_the_engine_and_io_outside_it_are_fine(importer: str, text: str) -> None:
    assert layers.impure([parse(f"fakestash.{importer}", text)]) == []


# --- time and chance -----------------------------------------------------------------------


def test_one_module_reads_the_clock_of_the_machine(
    package: list[Module], plugin: list[Module]
) -> None:
    assert habits.wall_clock_readers([*package, *plugin]) == []


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("import time\ntime.time()", "time.time"),
        ("import time as t\nt.monotonic_ns()", "time.monotonic_ns"),
        ("from time import sleep\nsleep(1)", "time.sleep"),
        ("from time import perf_counter as now\nf(now)", "time.perf_counter"),
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime as d\nd.utcnow()", "datetime.datetime.utcnow"),
        ("from datetime import date\ndate.today()", "datetime.date.today"),
    ],
)
def test_a_second_reader_of_the_clock_is_reported(text: str, used: str) -> None:
    assert habits.wall_clock_readers([parse("fakestash.fake", text)]) == [
        f"fakestash.fake:2 uses {used}"
    ]
    assert habits.wall_clock_readers([parse("fakestash.clock", text)]) == []


def test_times_that_are_not_now_are_fine() -> None:
    text = "from datetime import datetime\ndatetime.fromtimestamp(0)\nloop.time()\nself.now()"

    assert habits.wall_clock_readers([parse("fakestash.fake", text)]) == []


def test_one_module_makes_randomness(package: list[Module], plugin: list[Module]) -> None:
    assert habits.randomness_makers([*package, *plugin]) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import random", ":1 imports random"),
        ("from secrets import token_hex", ":1 imports secrets"),
        ("from uuid import uuid4", ":1 imports uuid"),
        ("import os\nos.urandom(4)", ":2 uses os.urandom"),
    ],
)
def test_a_second_source_of_randomness_is_reported(text: str, complaint: str) -> None:
    assert habits.randomness_makers([parse("fakestash.fake", text)]) == [
        f"fakestash.fake{complaint}"
    ]
    assert habits.randomness_makers([parse("fakestash.ids", text)]) == []


# --- state ---------------------------------------------------------------------------------


def test_modules_hold_no_mutable_state(package: list[Module], plugin: list[Module]) -> None:
    assert habits.mutable_globals([*package, *plugin]) == []


@pytest.mark.parametrize(
    "text",
    [
        "cache = {}",
        "cache = [x for x in y]",
        "cache: set[int] = set()",
        "cache = collections.deque()",
        "cache = dict.fromkeys('ab')",
        "if x: cache = []",
        "try: pass\nexcept E: cache = []",
    ],
)
def test_a_container_that_is_not_final_is_reported(text: str) -> None:
    line = text.count("\n") + 1

    assert habits.mutable_globals([parse("fakestash.fake", text)]) == [
        f"fakestash.fake:{line} `cache` is a mutable container, not Final"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "table: Final = {}",
        "table: Final[dict[str, int]] = {}",
        "table: typing.Final = []",
        "__all__ = ['a']",
        "table = ()",
        "table = frozenset({1})",
        "def f():\n    table = []",
        "table: dict[str, int]",
    ],
)
def test_what_is_final_immutable_or_local_is_fine(text: str) -> None:
    assert habits.mutable_globals([parse("fakestash.fake", text)]) == []


def test_states_change_in_one_place(package: list[Module]) -> None:
    assert [place.partition(":")[0] for place in habits.state_writes(package)] == [
        "fakestash.engine.lifecycle"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "message.state = 1",
        "message.state, logged = change",
        "message.state: int = 1",
        "message.state += 1",
        "setattr(message, 'state', 1)",
        "object.__setattr__(message, 'state', 1)",
    ],
)
def test_a_write_of_a_state_is_seen(text: str) -> None:
    assert habits.state_writes([parse("fakestash.fake", text)]) == ["fakestash.fake:1"]


def test_a_read_of_a_state_is_no_write() -> None:
    text = "x = message.state\napp.state.x = 1\nf(state=1)\nstate = 1\nreplace(m, 'state', 1)"

    assert habits.state_writes([parse("fakestash.fake", text)]) == []


def test_only_drivers_claim_and_settle(package: list[Module]) -> None:
    assert habits.takers_of_deliveries(package) == []


def test_a_claim_or_settle_outside_the_drivers_is_reported() -> None:
    text = "self.engine.claim(1)\nengine.settle(attempt, outcome)\nreclaim()"

    assert habits.takers_of_deliveries([parse("fakestash.fake", text)]) == [
        "fakestash.fake:1 calls self.engine.claim",
        "fakestash.fake:2 calls engine.settle",
    ]
    assert habits.takers_of_deliveries([parse("fakestash.drive.manual", text)]) == []


# --- what is not done ----------------------------------------------------------------------


def test_no_text_is_run_as_code(package: list[Module], plugin: list[Module]) -> None:
    assert habits.evaluators([*package, *plugin]) == []


def test_running_text_as_code_is_reported() -> None:
    module = parse("fakestash.fake", "eval('1')\nexec('1')\nparser.eval('1')\nre.compile('1')")

    assert habits.evaluators([module]) == [
        "fakestash.fake:1 calls eval",
        "fakestash.fake:2 calls exec",
    ]


def test_tests_do_not_sleep(suite: list[Module]) -> None:
    assert habits.sleepers(suite) == []


def test_a_sleep_is_reported_except_where_waiting_is_the_point() -> None:
    text = "time.sleep(1)\nsleep(1)\nawait asyncio.sleep(0)\noversleep(1)"

    assert habits.sleepers([parse("tests.drive.test_manual", text)]) == [
        "tests.drive.test_manual:1 calls time.sleep",
        "tests.drive.test_manual:2 calls sleep",
        "tests.drive.test_manual:3 calls asyncio.sleep",
    ]
    assert habits.sleepers([parse("tests.realtime.test_pace", text)]) == []
    assert habits.sleepers([parse("tests.benchmarks.publish", text)]) == []


def test_tests_compare_exactly(suite: list[Module]) -> None:
    assert habits.approximators(suite) == []


@pytest.mark.parametrize("text", ["pytest.approx(1)", "from pytest import approx as about"])
def test_an_approximate_comparison_is_reported(text: str) -> None:
    assert habits.approximators([parse("tests.test_x", text)]) == ["tests.test_x"]


# --- size and words ------------------------------------------------------------------------


def test_every_module_says_what_it_is(
    package: list[Module], plugin: list[Module], suite: list[Module]
) -> None:
    assert habits.undocumented([*package, *plugin, *suite]) == []


def test_a_module_without_a_docstring_is_reported() -> None:
    modules = [parse("fakestash.fake", "x = 1"), parse("fakestash.ids", '"""Ids."""')]

    assert habits.undocumented(modules) == ["fakestash.fake:1 has no docstring"]


def test_modules_and_functions_are_short(package: list[Module], plugin: list[Module]) -> None:
    assert habits.too_long([*package, *plugin]) == []


def test_a_long_module_is_reported() -> None:
    assert habits.too_long([parse("fakestash.fake", "x = 1\n" * 400)]) == []
    assert habits.too_long([parse("fakestash.fake", "x = 1\n" * 401)]) == [
        "fakestash.fake:1 has 401 lines"
    ]


def test_a_long_function_is_reported_and_its_docstring_is_free() -> None:
    statement = "    x = 1\n"
    docstring = '    """One\n\n    two."""\n'
    fits = "async def f():\n" + docstring + statement * 49
    too_long = "class C:\n  def f():\n" + statement * 50

    assert habits.too_long([parse("fakestash.fake", fits)]) == []
    assert habits.too_long([parse("fakestash.fake", too_long)]) == [
        "fakestash.fake:2 f has 51 lines"
    ]


def test_the_plugin_stays_thin(plugin: list[Module]) -> None:
    assert habits.lines(plugin) < habits.PLUGIN_LINES


def test_the_lines_of_all_modules_are_counted() -> None:
    assert habits.lines([parse("a", "x = 1\ny = 2\n"), parse("b", "z = 3")]) == 3


def test_every_decision_is_followed_somewhere(package: list[Module]) -> None:
    (decisions,) = (module for module in package if module.name == "fakestash.decisions")
    others = [module for module in package if module is not decisions]

    assert habits.unused_constants(decisions, others) == []


def test_a_decision_that_nothing_follows_is_reported() -> None:
    decisions = parse(
        "fakestash.decisions",
        "D1: Final = 1\nD2: Final = 2\nD3: Final = 3\nD4: Final = D3 + 1\nD5 = 5\nD6 = 6",
    )
    others = [
        parse("fakestash.ids", "from fakestash.decisions import D1"),
        parse("fakestash.fake", "x = decisions.D2\nD5 = 7"),
    ]

    assert habits.unused_constants(decisions, others) == [
        "fakestash.decisions:4 D4 is used nowhere",
        "fakestash.decisions:5 D5 is used nowhere",
        "fakestash.decisions:6 D6 is used nowhere",
    ]
