"""The official JavaScript client, installed beside its pinned version when it is not there yet."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

if sys.platform != "win32":
    import fcntl

PROJECT: Final = Path(__file__).parent / "examples" / "node"
"""Where its version is pinned, and where it is installed."""

INSTALL_OPTIONS: Final = (
    *("--ignore-scripts", "--no-audit", "--no-fund"),
    *("--prefer-offline", "--fetch-retries=0", "--fetch-timeout=20000"),
)


def node_with_client() -> str:
    """The command that runs JavaScript, once the client is installed.

    Where it cannot be, the test that asks is skipped and says why.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("the official JavaScript client needs node and npm: one of them is missing")
    # npm notes beside the modules what it installed: older than the lock, it is out of date.
    installed = PROJECT / "node_modules" / ".package-lock.json"
    pinned = PROJECT / "package-lock.json"
    with _alone():
        if not installed.exists() or installed.stat().st_mtime < pinned.stat().st_mtime:
            install = subprocess.run(
                [npm, "ci", *INSTALL_OPTIONS],
                cwd=PROJECT,
                capture_output=True,
                text=True,
                check=False,
            )
            if install.returncode != 0:
                errors = [
                    line for line in install.stderr.splitlines() if line.startswith("npm error")
                ]
                pytest.skip(f"npm could not install the official JavaScript client: {errors[:2]}")
    return node


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other processes of the same test run out, which may be about to install it too."""
    with (PROJECT / "package.json").open("rb") as held:
        if sys.platform != "win32":
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
