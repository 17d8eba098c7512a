"""A suite in JavaScript with the powers of the control API: each file has a world of its own.

Where the client cannot be installed, the test is skipped and says why.
"""

import subprocess
import sys

from tests.npm_client import PROJECT, node_with_client


def test_a_javascript_suite_moves_time_and_asserts_in_worlds_of_its_own() -> None:
    command = (node_with_client(), "--test", "--test-reporter=tap", "suite")
    ran = subprocess.run(
        [sys.executable, "-m", "fakestash", "exec", "--manual", "--", *command],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 12" in ran.stdout.splitlines()
    assert "# fail 0" in ran.stdout.splitlines()
