"""The config file of the development server: what there is from the start, in TOML.

It is ``fakestash.toml`` in the working directory, or the table ``[tool.fakestash]`` of
``pyproject.toml`` there, or any file that is named; that may be a ``pyproject.toml`` as well.
What the command line says goes before it.
"""

from fakestash.dev.config.config import Config, read_config

__all__ = ["Config", "read_config"]
