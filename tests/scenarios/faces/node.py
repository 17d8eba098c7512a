"""Where the official JavaScript client is found, or why it is not."""

import shutil
from pathlib import Path
from typing import Final

import tests

_ROOT: Final = Path(tests.__file__).parents[1]
_PROJECT: Final = _ROOT / "tests" / "examples" / "node"


def node_and_project() -> tuple[str, Path] | str:
    """The command that runs JavaScript and the project with the client; or what is missing."""
    node = shutil.which("node")
    if node is None:
        return "the official JavaScript client needs node, which is not there"
    if not (_PROJECT / "node_modules" / "@upstash" / "qstash").is_dir():
        return (
            "the official JavaScript client is not installed: "
            f"npm ci --ignore-scripts --prefix {_PROJECT.relative_to(_ROOT)}"
        )
    return node, _PROJECT
