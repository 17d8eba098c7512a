"""Seeing what the official receiver is asked, without anybody noticing."""

import gc
import inspect
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from qstash import Receiver
from qstash.errors import SignatureError

from fakestash import FakeQStash
from tests.delivery.doctor.apps import Seen, delivered, fastapi_app, flask_app, verify

METHOD = inspect.unwrap(Receiver.verify)


@pytest.fixture(autouse=True)
def _it_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in FakeQStash().environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Receiver, "verify", METHOD)  # other fakes may be watching
    yield
    assert Receiver.verify is METHOD


def fail(seen: Seen) -> None:
    verify(seen, body="")


def test_nothing_is_watched_before_the_first_delivery_and_after_the_end() -> None:
    with FakeQStash() as fake:
        assert Receiver.verify is METHOD

        delivered(fake, flask_app(fail))
        during = Receiver.verify

    assert during is not METHOD
    assert Receiver.verify is METHOD


def test_several_fakes_watch_together_until_the_last_one_is_closed() -> None:
    first, second = FakeQStash(), FakeQStash()
    delivered(first, flask_app(fail))
    watched = Receiver.verify
    delivered(second, flask_app(fail))
    both = Receiver.verify
    first.close()
    second_alone = Receiver.verify
    first.close()
    still = Receiver.verify
    second.close()

    assert watched is both is second_alone is still
    assert Receiver.verify is METHOD
    assert [str(fake.deliveries[0].diagnosis)[:8] for fake in (first, second)] == ["the body"] * 2


def test_a_branch_watches_for_itself() -> None:
    fake = FakeQStash()
    delivered(fake, flask_app(fail))
    branch = fake.fork()
    fake.close()
    delivered(branch, flask_app(fail))
    branch.close()

    assert branch.deliveries[-1].diagnosis is not None


def test_a_fake_that_nobody_closes_ends_its_watch_when_it_goes() -> None:
    fake = FakeQStash()
    delivered(fake, flask_app(fail))
    del fake
    gc.collect()

    assert Receiver.verify is METHOD


def test_a_fake_that_is_closed_does_not_begin_again() -> None:
    fake = FakeQStash()
    fake.close()
    fake._courier.call(fake.destination("https://shop.test"), None)  # type: ignore[arg-type]  # noqa: SLF001 - nothing else can call it now

    assert Receiver.verify is METHOD


def test_the_method_looks_and_acts_as_ever() -> None:
    with FakeQStash() as fake:
        delivered(fake, flask_app(fail))

        assert Receiver.verify.__name__ == "verify"
        assert Receiver.verify.__doc__ == METHOD.__doc__
        assert inspect.signature(Receiver.verify) == inspect.signature(METHOD)
        with pytest.raises(SignatureError, match="Error while decoding signature"):
            Receiver("a" * 32, "b" * 32).verify(signature="?", body="")
        with pytest.raises(TypeError, match="takes 1 positional argument"):
            Receiver("a" * 32, "b" * 32).verify("?")  # type: ignore[call-arg] # the mistake


def test_somebody_elses_method_is_left_alone() -> None:
    fake = FakeQStash()
    delivered(fake, flask_app(fail))
    with patch.object(Receiver, "verify") as theirs:
        fake.close()
        assert Receiver.verify is theirs
    left = Receiver.verify

    with FakeQStash() as another:  # what their patch put back is taken up again
        delivered(another, flask_app(fail))
        assert Receiver.verify is left
        assert another.deliveries[0].diagnosis is not None

    assert Receiver.verify is METHOD


def test_a_method_that_was_patched_before_is_watched_too() -> None:
    def theirs(self: Receiver, **given: object) -> None:
        raise SignatureError("no")

    with patch.object(Receiver, "verify", theirs), FakeQStash() as fake:
        delivered(fake, flask_app(fail))

        assert str(fake.deliveries[0].diagnosis).endswith("a form parser leaves nothing")


def test_nothing_happens_where_the_library_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeQStash() as fake:
        monkeypatch.delitem(sys.modules, "qstash.receiver")
        delivered(fake, flask_app(fail))

        assert Receiver.verify is METHOD
        (delivery,) = fake.deliveries
        assert delivery.diagnosis is not None
        assert not delivery.diagnosis.is_certain


@pytest.mark.parametrize("first", [True, False], ids=["nobody watched", "its context is lost"])
def test_what_nobody_watched_is_read_off_the_traceback(
    monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    def check(seen: Seen) -> None:
        with ThreadPoolExecutor() as threads:
            try:
                threads.submit(fail, seen).result()
            except SignatureError:
                raise LookupError("unauthorized") from None

    with FakeQStash() as fake:
        if first:
            monkeypatch.delitem(sys.modules, "qstash.receiver")
        delivered(fake, fastapi_app(check))

        found = fake.deliveries[0].diagnosis
    assert found is not None
    assert (found.cause, found.is_certain) == ("body", True)


def test_an_argument_that_cannot_be_looked_at_stays_the_users_affair() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise LookupError("odd")

        __hash__ = None  # type: ignore[assignment] # what has no equals has no hash

    def check(seen: Seen) -> None:
        verify(seen, url=Odd())

    with FakeQStash() as fake:
        delivered(fake, flask_app(check))

        assert fake.deliveries[0].status == 500
