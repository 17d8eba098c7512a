"""Where the official JavaScript client is found, or why it is not."""

import shutil
from pathlib import Path
from typing import Final

import tests

_PROJECT: Final = Path(tests.__file__).parent / "examples" / "node"


def node_and_project() -> tuple[str, Path] | str:
    """The command that runs JavaScript and the project with the client; or what is missing."""
    node = shutil.which("node")
    if node is None:
        return "the official JavaScript client needs node, which is not there"
    if not (_PROJECT / "node_modules" / "@upstash" / "qstash").is_dir():
        return f"the official JavaScript client is not installed: npm ci --prefix {_PROJECT.name}"
    return node, _PROJECT
