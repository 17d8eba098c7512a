"""Tests under chaos: once for each seed, and what is told of the first that breaks them."""

from textwrap import dedent

import pytest

from fakestash import FakeQStash
from tests.plugin.reports import crash

CHARGE = """
    import pytest
    from qstash import QStash

    @pytest.fixture
    def charges():
        return []

    def publish(qstash, *bodies):
        for body in bodies:
            QStash(qstash.token).message.publish(url="https://shop.test/charge", body=body)
"""

CAREFUL = """
    @pytest.mark.qstash(chaos=6)
    def test_it(qstash, charges):
        seen = set()

        def charge(request):
            if request.message_id not in seen:
                seen.add(request.message_id)
                charges.append(request.body)
            return 200

        qstash.destination("https://shop.test").responds(charge)
        publish(qstash, "1", "2", "3")
        qstash.run_until_idle()
        assert sorted(charges) == [b"1", b"2", b"3"]
"""

CARELESS = """
    @pytest.mark.qstash(chaos=6)
    def test_it(qstash, charges):
        qstash.destination("https://shop.test").responds(lambda r: charges.append(r.body) or 200)
        publish(qstash, "1", "2", "3")
        print("so many:", 3)
        qstash.run_until_idle()
        assert sorted(charges) == [b"1", b"2", b"3"]
"""


NOT_TO_BLAME = """\
run again without chaos it fails as well: either it fails anyhow (the run named undisturbed
shows it), or a run has left something behind in a module or in a fixture of wider scope"""


def told(report: pytest.TestReport | pytest.CollectReport) -> list[str]:
    """What the sections about chaos say."""
    return [text for title, text in report.sections if title == "fakestash chaos"]


def names(reports: list[pytest.TestReport]) -> list[str]:
    return [report.nodeid.partition("::")[2] for report in reports]


def failing(project: pytest.Pytester, *options: str) -> list[pytest.TestReport]:
    run = project.inline_run(*options)
    return [each for each in run.getfailures() if isinstance(each, pytest.TestReport)]


@pytest.mark.qstash(chaos="deliver #1 twice")
def test_a_schedule_that_is_given_happens(qstash: FakeQStash) -> None:
    assert qstash.engine.chaos is not None


def test_a_handler_that_keeps_ids_passes_undisturbed_and_with_every_seed(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(CHARGE + CAREFUL)

    run = project.inline_run()

    passed, _, failed = run.listoutcomes()
    assert names(list(passed)) == [
        "test_it[undisturbed]",
        *(f"test_it[chaos-{seed}]" for seed in range(1, 7)),
    ]
    assert not failed


def test_one_that_charges_twice_is_told_of_once_in_full(project: pytest.Pytester) -> None:
    project.makepyfile(CHARGE + CARELESS)

    first, *others = failing(project)

    assert names([first, *others]) == [f"test_it[chaos-{seed}]" for seed in (1, 2, 4, 6)]
    assert told(first) == [
        """\
chaos seed 1 breaks this test, which passes undisturbed; what is left of it:
disturbed: deliver #1 twice
  #1 POST https://shop.test/charge
    qstash.deliveries[0] at 00:00:00, Upstash-Retried 0: its answer 200 was lost
    qstash.deliveries[3] at 00:00:00, Upstash-Retried 0: the second one, for the same message
to reproduce: @pytest.mark.qstash(chaos="deliver #1 twice")"""
    ]
    assert "AssertionError: assert [b'1', b'1', b'2', b'3'] == " in crash(first).replace("\n", " ")
    assert first.capstdout == "so many: 3\n"
    assert [(str(each.longrepr), each.sections) for each in others] == [
        ('fails as with chaos-1: chaos="deliver #1 twice"', [])
    ] * 3


def test_each_seed_can_be_run_by_itself_and_in_any_order(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        def pytest_collection_modifyitems(items):
            items.reverse()
        """
    )
    project.makepyfile(CHARGE + CARELESS)

    (only,) = failing(project, "-k", "chaos-4")

    assert told(only) != []
    assert 'to reproduce: @pytest.mark.qstash(chaos="' in told(only)[0]
    assert told(only)[0].startswith("chaos seed 4 breaks this test, which passes undisturbed")


def test_it_is_the_same_on_several_workers(project: pytest.Pytester) -> None:
    project.makepyfile(CHARGE + CARELESS)

    result = project.runpytest_subprocess("-n", "2")

    result.assert_outcomes(passed=3, failed=4)
    result.stdout.fnmatch_lines(['*to reproduce: @pytest.mark.qstash(chaos="deliver #1 twice")'])


def test_the_line_that_is_told_reproduces_it(project: pytest.Pytester) -> None:
    project.makepyfile(CHARGE + CARELESS.replace("chaos=6", 'chaos="deliver #1 twice"'))

    (only,) = failing(project)

    assert names([only]) == ["test_it"]
    assert told(only) == []
    ((_, text),) = [each for each in only.sections if each[0] == "fakestash timeline"]
    assert "CHAOS            the answer 200 is lost, the same request again at once" in text


def test_fixtures_of_a_function_are_made_anew_for_each_run(project: pytest.Pytester) -> None:
    project.makepyfile(
        CHARGE
        + """
    @pytest.fixture
    def shop(qstash, charges, tmp_path, monkeypatch):
        assert charges == [] and list(tmp_path.iterdir()) == []
        monkeypatch.setenv("SHOP", "open")
        (tmp_path / "ledger").touch()
        qstash.destination("https://shop.test").responds(lambda r: charges.append(r.body) or 200)
        yield qstash
        charges.clear()

    @pytest.mark.qstash(chaos=1)
    @pytest.mark.parametrize("count", [1, 2])
    def test_it(shop, charges, count):
        publish(shop, *map(str, range(count)))
        shop.run_until_idle()
        assert len(charges) == count
    """
    )

    reports = failing(project)

    assert [len(told(each)) for each in reports] == [1, 1]
    assert [told(each)[0].splitlines()[1] for each in reports] == [
        "disturbed: deliver #1 twice"
    ] * 2


def test_what_a_run_leaves_behind_is_not_blamed_on_chaos(project: pytest.Pytester) -> None:
    project.makepyfile(
        CHARGE
        + """
    CHARGES = []

    @pytest.mark.qstash(chaos=1)
    def test_it(qstash):
        qstash.destination("https://shop.test").responds(lambda r: CHARGES.append(r.body) or 200)
        publish(qstash, "1")
        qstash.run_until_idle()
        assert CHARGES == [b"1"]
    """
    )

    (only,) = failing(project)

    (text,) = told(only)
    assert text == NOT_TO_BLAME


def test_a_run_in_which_nothing_was_disturbed_says_so(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.qstash(chaos=1)
        def test_it(qstash):
            raise AssertionError
        """
    )

    undisturbed, disturbed = failing(project)

    assert told(undisturbed) == []
    assert told(disturbed) == ["nothing was disturbed in this run"]


def test_what_fails_without_chaos_too_is_told_of_once_in_full(project: pytest.Pytester) -> None:
    project.makepyfile(
        CHARGE
        + """
    @pytest.mark.qstash(chaos=3)
    def test_at_once(qstash):
        raise AssertionError

    @pytest.mark.qstash(chaos=2)
    def test_in_the_end(qstash):
        qstash.destination("https://shop.test").responds(200)
        publish(qstash, "1")
        qstash.run_until_idle()
        raise AssertionError
    """
    )

    found = failing(project)

    assert [(name, told(each)) for name, each in zip(names(found), found, strict=True)] == [
        ("test_at_once[undisturbed]", []),
        ("test_at_once[chaos-1]", ["nothing was disturbed in this run"]),
        ("test_at_once[chaos-2]", []),
        ("test_at_once[chaos-3]", []),
        ("test_in_the_end[undisturbed]", []),
        ("test_in_the_end[chaos-1]", [NOT_TO_BLAME]),
        ("test_in_the_end[chaos-2]", []),
    ]
    short = [str(each.longrepr) for each in found if not each.sections]
    assert short == ["fails as with chaos-1: without chaos, too"] * 3


def test_a_failure_of_another_kind_is_not_taken_for_the_same(project: pytest.Pytester) -> None:
    project.makepyfile(
        CHARGE
        + """
    @pytest.mark.qstash(chaos=1)
    def test_it(qstash, charges):
        qstash.destination("https://shop.test").responds(lambda r: charges.append(r.body) or 200)
        publish(qstash, "1", "2")
        qstash.run_until_idle()
        if len(charges) == 3:
            raise LookupError
        assert len(charges) == 2
    """
    )

    (only,) = failing(project)

    assert told(only)[0].splitlines()[1] == "disturbed: deliver #1 twice; deliver #2 twice"


def test_an_async_test_is_run_again_too(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from qstash import AsyncQStash

        @pytest.mark.asyncio
        @pytest.mark.qstash(chaos=2)
        async def test_it(qstash):
            charges = []
            qstash.destination("https://shop.test").responds(lambda r: charges.append(1) or 200)
            for _ in range(2):
                await AsyncQStash(qstash.token).message.publish(url="https://shop.test", body="")
            await qstash.run_until_idle_async()
            assert len(charges) == 2
        """
    )

    first, second = failing(project)

    assert told(first)[0].splitlines()[-1] == (
        'to reproduce: @pytest.mark.qstash(chaos="deliver #1 twice")'
    )
    assert str(second.longrepr) == 'fails as with chaos-1: chaos="deliver #1 twice"'


def test_a_teardown_that_fails_counts_too(project: pytest.Pytester) -> None:
    project.makepyfile(
        CHARGE
        + """
    @pytest.mark.qstash(chaos="deliver #1 twice, 2 s apart", audit="error")
    def test_given(qstash):
        qstash.destination("https://shop.test").responds(200)
        publish(qstash, "1")
        qstash.advance(0)

    @pytest.mark.qstash(chaos=2, audit="error")
    def test_it(qstash):
        qstash.destination("https://shop.test").responds(200)
        publish(qstash, "1", "2")
        qstash.advance(0)
    """
    )

    given, found = failing(project)

    assert names([given, found]) == ["test_given", "test_it[chaos-2]"]
    assert told(found)[0].splitlines()[1] == "disturbed: lose the answer to #1"


def test_the_option_is_for_a_whole_suite_and_a_marker_beats_it(project: pytest.Pytester) -> None:
    with (project.path / "tox.ini").open("a") as settings:
        settings.write("\nfakestash_chaos = 1\n")
    project.makepyfile(
        """
        import pytest

        def test_as_the_option_says(qstash): pass

        @pytest.mark.qstash(chaos=0)
        def test_never(qstash): pass

        @pytest.mark.qstash(chaos="deliver #1 twice")
        def test_given(qstash): pass

        @pytest.mark.qstash(seed=3)
        def test_of_another_seed(qstash): pass

        def test_without_it(): pass
        """
    )

    passed, _, failed = project.inline_run().listoutcomes()

    assert names(list(passed)) == [
        "test_as_the_option_says[undisturbed]",
        "test_as_the_option_says[chaos-1]",
        "test_never",
        "test_given",
        "test_of_another_seed[undisturbed]",
        "test_of_another_seed[chaos-1]",
        "test_without_it",
    ]
    assert not failed


@pytest.mark.parametrize("said", ["-1", "2.5", "True", "None"])
def test_a_marker_that_says_what_cannot_be_is_refused(project: pytest.Pytester, said: str) -> None:
    project.makepyfile(
        f"""
        import pytest

        @pytest.mark.qstash(chaos={said})
        def test_it(qstash): pass

        def test_another(qstash): pass
        """
    )

    result = project.runpytest()

    result.assert_outcomes(passed=1, errors=1)
    complaint = f"how many seeds to try, or text such as 'deliver #3 twice', got {said}"
    result.stdout.fnmatch_lines([f"the fixture qstash cannot be set up: chaos must be {complaint}"])


def test_text_that_is_no_schedule_is_refused(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.qstash(chaos="twice")
        def test_it(qstash): pass
        """
    )

    project.runpytest().stdout.fnmatch_lines(
        ["the fixture qstash cannot be set up: 'twice' is no disturbance: write *"]
    )


def test_an_option_that_is_no_number_is_refused(project: pytest.Pytester) -> None:
    with (project.path / "tox.ini").open("a") as settings:
        settings.write("\nfakestash_chaos = many\n")
    project.makepyfile("def test_it(qstash): pass")

    result = project.runpytest()

    text = "fakestash_chaos must be a whole number from 0 on, got 'many'"
    result.stdout.fnmatch_lines([f"the fixture qstash cannot be set up: {text}"])
    result.stdout.no_fnmatch_line("*settings.py*")


@pytest.mark.parametrize(
    "test",
    [
        """
        @pytest.mark.qstash(chaos=3)
        class TestIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def keep(self, qstash): pass
            def test_it(self): pass
        """,
        """
        @pytest.mark.qstash(chaos=3)
        def test_it(request):
            request.getfixturevalue("qstash")
        """,
    ],
)
def test_a_test_that_cannot_be_run_by_seed_does_not_pass_undisturbed(
    project: pytest.Pytester, test: str
) -> None:
    project.makepyfile(f"import pytest, unittest\n{dedent(test)}")

    project.runpytest().stdout.fnmatch_lines(
        ["the fixture qstash cannot be set up: chaos=3 runs a test once for each seed, *"]
    )


@pytest.mark.parametrize("chaos", ["0", "'deliver #1 twice'"])
def test_without_seeds_a_method_of_a_test_case_runs(project: pytest.Pytester, chaos: str) -> None:
    project.makepyfile(
        f"""
        import pytest, unittest

        @pytest.mark.qstash(chaos={chaos})
        class TestIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def keep(self, qstash): pass
            def test_it(self): pass
        """
    )

    project.runpytest().assert_outcomes(passed=1)


def test_with_a_debugger_nothing_is_run_again(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makeconftest(
        """
        import pytest

        @pytest.hookimpl(trylast=True)
        def pytest_configure(config):
            config.option.usepdb = True  # from here on: nobody is to be asked anything
        """
    )
    project.makepyfile(CHARGE + CARELESS.replace("chaos=6", "chaos=1"))

    (only,) = failing(project)

    assert told(only) == []
