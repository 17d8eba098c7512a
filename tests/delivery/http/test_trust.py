"""Whose certificates are good enough."""

from pathlib import Path

import pytest

from fakestash.delivery.http import HttpDestination
from fakestash.delivery.http.trust import Trust
from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Unreachable
from tests.delivery.http.servers import serving
from tests.delivery.http.test_outcomes import ANSWERED, delivered, self_signed

CERTIFICATE = Path(__file__).with_name("self_signed.pem")


async def with_trust(trust: Trust, host: str) -> Outcome:
    async with serving(tls=self_signed()) as server:
        return await delivered(f"https://{host}:{server.port}/", HttpDestination(trust=trust))


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
async def test_a_host_that_need_prove_nothing_is_called(host: str) -> None:
    assert await with_trust(Trust(unverified_hosts=["localhost", "127.0.0.1"]), host) == ANSWERED


@pytest.mark.asyncio
async def test_the_other_hosts_still_have_to_prove_who_they_are() -> None:
    outcome = await with_trust(Trust(unverified_hosts=["shop.localhost", "[::1]"]), "localhost")

    assert isinstance(outcome, Unreachable)
    assert outcome.error.startswith("tls: failed to verify certificate: ")


@pytest.mark.asyncio
async def test_an_authority_can_be_trusted_beside_those_of_the_system() -> None:
    assert await with_trust(Trust(str(CERTIFICATE)), "localhost") == ANSWERED


def test_an_address_in_brackets_is_the_same_without() -> None:
    assert Trust(unverified_hosts=["[::1]"]).for_host("::1") is False


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("missing.pem", "cannot read the certificates in '{}': No such file or directory"),
        ("empty.pem", "'{}' holds no certificates in PEM form"),
    ],
)
def test_a_file_without_certificates_is_refused(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    path = str(tmp_path / name)

    with pytest.raises(UsageError) as raised:
        Trust(path)

    assert str(raised.value) == complaint.format(path)
