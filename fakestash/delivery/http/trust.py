"""Whose certificates are good enough for a delivery over https.

Those that the system trusts, as on the service. An app that is being developed has one that it
signed itself, or that a tool such as ``mkcert`` signed: the tool's authority can be trusted too,
or single hosts without any proof.
"""

import ssl
from collections.abc import Iterable

from fakestash.errors import UsageError


class Trust:
    """Whom to trust.

    Args:
        ca_file: the path of a file with certificates (PEM) of authorities that are trusted beside
            those of the system; None for no others.
        unverified_hosts: names and addresses whose certificates are not looked at.

    Raises:
        UsageError: if the file cannot be read, or holds no certificate.
    """

    def __init__(self, ca_file: str | None = None, unverified_hosts: Iterable[str] = ()) -> None:
        self._unverified = frozenset(host.lower().strip("[]") for host in unverified_hosts)
        self._more = None if ca_file is None else _with_more(ca_file)

    def for_host(self, host: str) -> ssl.SSLContext | bool:
        """What aiohttp is to be told for a call to ``host``: to look, as which, or not to look."""
        if host.lower() in self._unverified:
            return False
        return True if self._more is None else self._more


def _with_more(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError as error:
        raise UsageError(f"{ca_file!r} holds no certificates in PEM form") from error
    except OSError as error:
        raise UsageError(
            f"cannot read the certificates in {ca_file!r}: {error.strerror}"
        ) from error
    return context


SYSTEM = Trust()
"""What the system trusts, and no others."""
