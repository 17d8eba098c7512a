"""What the report of a failed test tells about the fake, and what is raised at a test's end."""

import re

import pytest

from fakestash.ids import Ids
from tests.plugin.reports import crash, sections

NOTHING = "  nothing was published"


# --- the section ---------------------------------------------------------------------------


def test_a_failed_test_tells_what_happened_and_what_apps_raised(project: pytest.Pytester) -> None:
    path = project.makepyfile(
        """
        from qstash import QStash

        async def shop(scope, receive, send):
            raise LookupError("no tea")

        def post_office(request):
            try:
                {}["stamp"]
            except KeyError as error:
                raise ValueError("no stamp") from error

        def test_deliveries(qstash):
            qstash.mount("https://shop.test", shop)
            qstash.destination("https://post.test").responds(post_office, 200)
            publish = QStash(qstash.token).message.publish
            publish(url="https://shop.test/tea", body="?", retries=1)
            publish(url="https://post.test", body="?", delay="5s")
            qstash.advance("1m")
            raise AssertionError
        """
    )
    ids = Ids()

    (report,) = project.inline_run().getfailures()

    assert sections(report) == [
        f"""\
  from 2026-01-01T00:00:00Z:
  +0 s            #1   CREATED          POST https://shop.test/tea
  +0 s            #2   CREATED          POST https://post.test
  +0 s            #1   ACTIVE
  +0 s            #1   ERROR            HTTP status 500 (LookupError: no tea)
  +0 s            #1   RETRY            again in 12 s
  +5 s            #2   ACTIVE
  +5 s            #2   ERROR            HTTP status 500 (ValueError: no stamp)
  +5 s            #2   RETRY            again in 12 s
  +12 s           #1   ACTIVE
  +12 s           #1   ERROR            HTTP status 500 (LookupError: no tea)
  +12 s           #1   FAILED           in the dead letter queue as 1767225612000-0
  +17 s           #2   ACTIVE
  +17 s           #2   DELIVERED
  #1 is {ids.message_id()}
  #2 is {ids.message_id()}

raised by POST https://shop.test/tea, attempt 1, 2:
Traceback (most recent call last):
  File "{path}", line 4, in shop
    raise LookupError("no tea")
LookupError: no tea

raised by POST https://post.test, attempt 1:
Traceback (most recent call last):
  File "{path}", line 8, in post_office
    {{}}["stamp"]
    ~~^^^^^^^^^
KeyError: 'stamp'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "{path}", line 10, in post_office
    raise ValueError("no stamp") from error
ValueError: no stamp"""
    ]


def test_of_a_long_traceback_the_users_frames_and_the_raising_one_are_shown(
    project: pytest.Pytester,
) -> None:
    sdk = project.mkdir("site-packages") / "sdk.py"
    sdk.write_text(
        "def send(request): check()\n"
        "def check(): parse()\n"
        "def parse(): sign()\n"
        "def sign(): raise LookupError('no token')\n"
    )
    project.syspathinsert(sdk.parent)
    path = project.makepyfile(
        """
        import json

        import sdk
        from qstash import QStash

        def shop(request):
            sdk.send(request)

        def post_office(request):
            json.loads("no JSON")

        def warehouse(environ, start_response):
            start_response("200 OK", [])
            start_response("200 OK", [])

        def test_deliveries(qstash):
            qstash.destination("https://shop.test").responds(shop)
            qstash.destination("https://sdk.test").responds(sdk.send)
            qstash.destination("https://post.test").responds(post_office)
            qstash.mount("https://warehouse.test", warehouse)
            for name in ("shop", "sdk", "post", "warehouse"):
                QStash(qstash.token).message.publish(
                    url=f"https://{name}.test", body="", retries=0
                )
            qstash.advance(0)
            raise AssertionError
        """
    )

    (report,) = project.inline_run().getfailures()

    (text,) = sections(report)
    _, shop, in_sdk, post_office, warehouse = text.split("\nraised by ")
    assert (
        shop
        == f"""\
POST https://shop.test, attempt 1:
Traceback (most recent call last):
  File "{path}", line 7, in shop
    sdk.send(request)
  File "{sdk}", line 4, in sign
    def sign(): raise LookupError('no token')
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
LookupError: no token
"""
    )
    # Where there is no frame of the user's, the last ones have to do.
    assert functions(in_sdk) == ["check", "parse", "sign"]
    assert functions(post_office) == ["post_office", "raw_decode"]
    assert functions(warehouse) == ["warehouse", "_start_response"]


def functions(text: str) -> list[str]:
    """The functions that a traceback names."""
    return re.findall(r'^  File ".*", line \d+, in (.*)$', text, re.MULTILINE)


def test_only_the_end_of_a_long_traceback_is_shown(project: pytest.Pytester) -> None:
    path = project.makepyfile(
        """
        from qstash import QStash

        def dig(depth):
            if depth == 0:
                raise RecursionError("deep enough")
            dig(depth - 1)

        def test_depth(qstash):
            qstash.destination("https://shop.test").responds(lambda request: dig(50))
            QStash(qstash.token).message.publish(url="https://shop.test", body="", retries=0)
            qstash.advance(0)
            raise AssertionError
        """
    )

    (report,) = project.inline_run().getfailures()

    (text,) = sections(report)
    assert (
        text.partition("Traceback")[2]
        == f"""\
 (most recent call last):
  File "{path}", line 6, in dig
    dig(depth - 1)
  File "{path}", line 6, in dig
    dig(depth - 1)
  File "{path}", line 5, in dig
    raise RecursionError("deep enough")
RecursionError: deep enough"""
    )


def test_of_a_long_history_the_beginning_and_the_end_are_shown(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from qstash import QStash

        def test_many(qstash):
            qstash.destination("https://shop.test").responds(200)
            for number in range(27):
                QStash(qstash.token).message.publish(url="https://shop.test", body=str(number))
            qstash.advance(0)
            raise AssertionError
        """
    )

    (report,) = project.inline_run().getfailures()

    (text,) = sections(report)
    lines = text.splitlines()
    assert lines[18:22] == [
        "  +0 s            #18  CREATED          POST https://shop.test",
        "  +0 s            #19  CREATED          POST https://shop.test",
        "  ... 2 lines are left out: print(qstash.timeline()) shows them ...",
        "  +0 s            #22  CREATED          POST https://shop.test",
    ]
    named = [line.split()[0] for line in lines if " is msg_" in line]
    assert named == [f"#{number}" for number in range(1, 28)]
    assert len(lines) == 20 + 1 + 60 + 27


def test_what_is_left_out_is_not_named(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from qstash import QStash

        def test_many(qstash):
            for number in range(81):
                QStash(qstash.token).message.publish(
                    url="https://shop.test", body=str(number), delay=f"{1 + number // 79}d"
                )
            raise AssertionError
        """
    )

    (report,) = project.inline_run().getfailures()

    (text,) = sections(report)
    named = [line.split()[0] for line in text.splitlines() if " is msg_" in line]
    assert named == [f"#{number}" for number in (*range(1, 20), *range(22, 82))]


def test_what_an_assertion_has_told_whole_is_not_told_again(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from qstash import QStash

        @pytest.fixture(autouse=True)
        def published(qstash):
            QStash(qstash.token).message.publish(url="https://shop.test/1", body="", delay="1h")

        def test_of_all(qstash):
            qstash.assert_delivered("https://shop.test")

        def test_of_some(qstash):
            QStash(qstash.token).message.publish(url="https://mail.test", body="", delay="2h")
            qstash.assert_nothing_pending("https://shop.test/1")
        """
    )

    all_told, some_told = project.inline_run().getfailures()

    assert sections(all_told) == [
        """\
  all that happened is told above
  what is going to happen next:
  2026-01-01T01:00:00Z attempt 1 of 4 of #1 to https://shop.test/1"""
    ]
    assert "CREATED          POST https://mail.test" in sections(some_told)[0]


def test_the_next_three_things_are_told(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from qstash import QStash

        def test_it(qstash):
            client = QStash(qstash.token)
            client.schedule.create(
                destination="https://shop.test", cron="0 0 * * *", schedule_id="midnight"
            )
            for delay in ("3d", "36h"):
                client.message.publish(
                    url="https://shop.test", body=delay, delay=delay, deduplication_id=delay
                )
            raise AssertionError
        """
    )

    (report,) = project.inline_run().getfailures()

    assert sections(report)[0].splitlines()[-4:] == [
        "  what is going to happen next:",
        "  2026-01-02T00:00:00Z firing of schedule midnight for https://shop.test",
        "  2026-01-02T12:00:00Z attempt 1 of 4 of #2 to https://shop.test",
        "  2026-01-03T00:00:00Z firing of schedule midnight for https://shop.test",
    ]


def test_it_is_printed(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(qstash): raise AssertionError")

    result = project.runpytest_inprocess()

    result.stdout.fnmatch_lines(["*- fakestash timeline -*", NOTHING])


def test_only_a_failed_test_that_used_it_has_the_section(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        def test_passed(qstash):
            pass

        def test_skipped(qstash):
            pytest.skip()

        @pytest.mark.xfail
        def test_failed_as_expected(qstash):
            raise AssertionError

        def test_failed_without():
            raise AssertionError

        def test_failed(qstash):
            raise AssertionError
        """
    )

    reports = project.inline_run().getreports("pytest_runtest_logreport")

    assert {
        (report.nodeid.split("::")[1], report.when) for report in reports if sections(report)
    } == {("test_failed", "call")}


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_a_failure_around_the_test_has_the_section(project: pytest.Pytester, when: str) -> None:
    place = {"setup": "raise ValueError\n    yield", "teardown": "yield\n    raise ValueError"}
    project.makepyfile(
        f"import pytest\n\n"
        f"@pytest.fixture\ndef broken(qstash):\n    {place[when]}\n\n"
        f"def test_it(broken): pass"
    )

    (report,) = project.inline_run().getfailures()

    assert (report.when, sections(report)) == (when, [NOTHING])


def test_a_failure_before_the_fixture_does_not_show_that_of_an_earlier_run(
    project: pytest.Pytester,
) -> None:
    project.makeconftest(
        """
        def pytest_runtest_protocol(item, nextitem):
            from _pytest.runner import runtestprotocol
            runtestprotocol(item, nextitem=nextitem)
            item._initrequest()
        """
    )
    project.makepyfile(
        """
        import pytest

        runs = []

        @pytest.fixture
        def first_run_only():
            runs.append(1)
            assert len(runs) == 1

        def test_it(first_run_only, qstash):
            raise AssertionError
        """
    )

    reports = project.inline_run().getfailures()

    assert [(report.when, sections(report)) for report in reports] == [
        ("call", [NOTHING]),
        ("setup", []),
    ]


def test_a_story_that_cannot_be_told_spoils_no_report(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_it(qstash):
            qstash.timeline = lambda: 1 / 0
            raise AssertionError("of the test")
        """
    )

    (report,) = project.inline_run().getfailures()

    assert crash(report) == "AssertionError: of the test"
    assert sections(report) == ["  cannot be shown: ZeroDivisionError('division by zero')"]


# --- the end of a test ---------------------------------------------------------------------

PUBLISHING_TO_A_BROKEN_FAKE = """
import httpx

def publish(qstash, text):
    def broken(user_id, command):
        raise LookupError(text)

    qstash.engine.publish = broken
    headers = {"Authorization": f"Bearer {qstash.token}"}
    answer = httpx.post(f"{qstash.url}/v2/publish/https://shop.test", headers=headers)
    assert answer.status_code == 500
    assert answer.json() == {"error": "internal server error"}
"""


def test_a_defect_of_the_fake_is_raised_at_the_end(project: pytest.Pytester) -> None:
    project.makepyfile(
        PUBLISHING_TO_A_BROKEN_FAKE + "\ndef test_it(qstash): publish(qstash, 'a defect')"
    )

    (report,) = project.inline_run().getfailures()

    assert (report.when, crash(report)) == ("teardown", "LookupError: a defect")
    assert sections(report) == [NOTHING]


def test_an_app_that_fails_to_shut_down_is_told_of(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from qstash import QStash

        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                raise LookupError("no broom")
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body"})

        def test_it(qstash):
            qstash.mount("https://shop.test", app)
            QStash(qstash.token).message.publish(url="https://shop.test", body="")
            qstash.advance(0)

        def test_the_next(qstash):
            pass
        """
    )

    recorder = project.inline_run()

    (report,) = recorder.getfailures()
    assert (report.nodeid.split("::")[1], report.when) == ("test_it", "teardown")
    assert crash(report) == (
        "fakestash.errors.UsageError: the app app did not shut down cleanly: "
        "its lifespan raised LookupError('no broom')"
    )


def test_all_that_went_wrong_is_raised_at_the_end(project: pytest.Pytester) -> None:
    project.makepyfile(
        PUBLISHING_TO_A_BROKEN_FAKE
        + "\ndef test_it(qstash):\n    publish(qstash, 'one')\n    publish(qstash, 'two')"
    )

    (report,) = project.inline_run().getfailures()

    assert report.when == "teardown"
    assert "LookupError: one" in report.longreprtext
    assert "LookupError: two" in report.longreprtext


def test_an_app_may_publish_while_it_shuts_down(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import os
        from qstash import QStash

        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                QStash(os.environ["QSTASH_TOKEN"]).message.publish(url="https://a.test", body="bye")
                await send({"type": "lifespan.shutdown.complete"})
                return
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body"})

        def test_it(qstash):
            global fake
            fake = qstash
            qstash.mount("https://shop.test", app)
            QStash(qstash.token).message.publish(url="https://shop.test", body="")
            qstash.advance(0)

        def test_the_next():
            assert [message.command.body for message in fake.engine.pending()] == [b"bye"]
        """
    )

    project.inline_run().assertoutcome(passed=2)


@pytest.mark.parametrize("keyword", ["", "async "])
def test_a_scripted_function_may_make_an_assertion_of_the_test(
    project: pytest.Pytester, keyword: str
) -> None:
    project.makepyfile(
        f"""
        from qstash import QStash

        {keyword}def shop(request):
            assert request.body == b"tea"

        def test_it(qstash):
            qstash.destination("https://shop.test").responds(shop)
            QStash(qstash.token).message.publish(url="https://shop.test", body="coffee")
            qstash.advance(0)
        """
    )

    (report,) = project.inline_run().getfailures()

    shown = [line for line in str(report.longrepr).splitlines() if line[:1] in (">", "E")]
    assert shown[:3] == [  # how much of a difference follows depends on the environment
        ">       qstash.advance(0)",
        '>       assert request.body == b"tea"',
        "E       AssertionError: assert b'coffee' == b'tea'",
    ]


@pytest.mark.parametrize("keyword", ["", "async "])
def test_a_scripted_function_that_moves_time_fails_the_test(
    project: pytest.Pytester, keyword: str
) -> None:
    project.makepyfile(
        f"""
        from qstash import QStash

        def test_it(qstash):
            {keyword}def shop(request):
                qstash.advance(1)

            qstash.destination("https://shop.test").responds(shop)
            QStash(qstash.token).message.publish(url="https://shop.test", body="")
            qstash.advance(0)
        """
    )

    (report,) = project.inline_run().getfailures()

    assert crash(report).startswith(
        "fakestash.errors.NestedMoveError: advance() was called from inside a delivery: "
    )
    pointed_at = [line for line in str(report.longrepr).splitlines() if line.startswith(">")]
    assert [line[1:].strip() for line in pointed_at] == ["qstash.advance(0)", "qstash.advance(1)"]


def test_a_mistake_is_shown_in_the_line_of_the_test_that_made_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_going_back(qstash):
            qstash.advance_to("2025-12-31T00:00:00Z")

        def test_expecting_too_much(qstash):
            qstash.assert_delivered("https://shop.test")
        """
    )

    first, second = project.inline_run().getfailures()

    assert str(first.longrepr).endswith(
        """\
>       qstash.advance_to("2025-12-31T00:00:00Z")
E       fakestash.errors.UsageError: cannot go back to 2025-12-31T00:00:00Z: \
it is 2026-01-01T00:00:00Z already

test_a_mistake_is_shown_in_the_line_of_the_test_that_made_it.py:2: UsageError"""
    )
    assert str(second.longrepr).endswith(".py:5: AssertionError")
