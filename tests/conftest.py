"""What every test shares: the plugin under test and how hypothesis looks for examples.

The plugin is loaded from here and not by its entry point (``-p no:fakestash`` in the
settings), so that coverage has started when it is imported.
"""

import os

from hypothesis import settings

pytest_plugins = ["pytest_fakestash.plugin", "pytester"]

# No deadline: how long an example takes is no property of the code. With CI set every run
# tries the same examples; elsewhere each run looks at new ones and remembers what failed.
settings.register_profile("local", deadline=None, max_examples=100)
settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, database=None, print_blob=True
)
settings.load_profile("ci" if os.environ.get("CI") else "local")
