"""How many files the server may have open."""

import resource
import sys

import pytest

from fakestash.dev.files import ENOUGH, allow_many_files

INFINITY = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "then"),
    [
        (256, 100_000, [(ENOUGH, 100_000)]),
        (256, INFINITY, [(ENOUGH, INFINITY)]),
        (256, 1_000, [(1_000, 1_000)]),
        (ENOUGH, 100_000, []),
        (50_000, 100_000, []),
        (INFINITY, INFINITY, []),
        (1_000, 1_000, []),
    ],
)
def test_it_may_have_enough_as_far_as_the_system_lets_it(
    soft: int, hard: int, then: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: limits.append(both))

    allow_many_files()

    assert limits == then


@pytest.mark.parametrize("error", [OSError("no"), ValueError("no")])
def test_a_system_that_does_not_let_it_is_no_problem(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, 2))
    monkeypatch.setattr(resource, "setrlimit", refuse)

    allow_many_files()


def test_a_system_without_such_a_limit_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)

    allow_many_files()
