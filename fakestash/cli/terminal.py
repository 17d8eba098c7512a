"""What a person or a pipe gets to read: lines, tables, colours, progress.

Colours are for terminals that want them (https://no-color.org), and only there is anything cut
to fit the width. What comes from messages is shown without its control characters, which a
terminal would obey.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain, repeat
from typing import IO, Final

import click

_CUT: Final = "..."
_GAP: Final = "  "
_NARROWEST: Final = 8
"""So much of a column that is cut stays, however narrow the terminal is."""


def say(text: str) -> None:
    """Print ``text`` at once, also into a pipe. That nobody reads it must not end a server."""
    with suppress(OSError):
        _print(text, sys.stdout)


def show(text: str) -> None:
    """Print ``text``; a command whose output nobody reads any more ends there, quietly."""
    try:
        _print(text, sys.stdout)
    except OSError:
        raise click.exceptions.Exit(0) from None


def warn(text: str) -> None:
    """Print ``text`` to stderr."""
    with suppress(OSError):
        _print(text, sys.stderr)


def _print(text: str, stream: IO[str]) -> None:
    try:
        # click itself leaves out colours where there is no terminal.
        click.echo(text, stream, color=False if os.environ.get("NO_COLOR") else None)
    except OSError:
        # What is still in the buffer would be written, and complained about, at the end.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def width() -> int | None:
    """How many characters a line of stdout has; None if it is no terminal."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def printable(text: str) -> str:
    """``text`` in one line, with what a terminal would obey written out."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def fitted(text: str, room: int) -> str:
    """``text``, cut so that it has at most ``room`` characters."""
    return text if len(text) <= room else text[: max(room - len(_CUT), 0)] + _CUT


class Table:
    """Lines in columns: as wide as they have to be, the last one as wide as the terminal lets it.

    Args:
        heads: the titles of the columns.
        colours: of a cell that is one of these words.
        least: how wide the first columns are at least.
    """

    def __init__(
        self,
        *heads: str,
        colours: Mapping[str, str] | None = None,
        least: Sequence[int] = (),
    ) -> None:
        self._heads = heads
        self._colours = colours or {}
        self._least = least
        self._rows: list[Sequence[str]] = []

    def add(self, *cells: str) -> None:
        """Add a row."""
        self._rows.append([printable(cell) for cell in cells])

    def lines(self, room: int | None) -> list[str]:
        """The lines, the titles first; each at most ``room`` characters wide unless that is None.

        Only the last column is cut, so whatever somebody may want to copy stands in front of it.
        """
        rows = [self._heads, *self._rows]
        least = chain(self._least, repeat(0))
        columns = zip(*rows, strict=True)
        widths = [max(low, *map(len, cells)) for cells, low in zip(columns, least, strict=False)]
        if room is not None:
            before = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
            widths[-1] = min(widths[-1], max(room - before, _NARROWEST))
        head, *others = (self._line(row, widths) for row in rows)
        return [click.style(head, bold=True), *others]

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        *cells, last = (fitted(cell, each) for cell, each in zip(row, widths, strict=True))
        padded = [cell.ljust(each) for cell, each in zip(cells, widths, strict=False)]
        return _GAP.join(self._coloured(cell) for cell in [*padded, last]).rstrip()

    def _coloured(self, cell: str) -> str:
        colour = self._colours.get(cell.strip())
        return cell if colour is None else click.style(cell, fg=colour)

    def show(self) -> None:
        """Print it."""
        for line in self.lines(width()):
            show(line)


class Progress:
    """One line on stderr that is written over and over, if that is a terminal.

    ``with Progress() as progress`` takes it away at the end.
    """

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._is_there = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_there:
            self._write("")

    def tell(self, text: str) -> None:
        """Write ``text`` in the place of what stood there."""
        if self._is_shown:
            self._is_there = True
            self._write(text)

    def _write(self, text: str) -> None:
        import shutil

        room = shutil.get_terminal_size().columns - 1
        with suppress(OSError):
            click.echo(f"\r\x1b[2K{fitted(text, room)}", nl=False, err=True)
