"""What is printed for people: as wide as the terminal, and a line of its own for each row where stdout is none."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import UTC, datetime
from io import TextIOBase
from pathlib import Path
from typing import TextIO, cast

from rich.console import Console
from rich.table import Table
from rich.text import Text

SEVERITY_STYLES = {"high": "red", "medium": "yellow"}
# A file or a pipe has no width; wide enough that nothing is wrapped, so that a search finds a title on its line.
WIDTH_WITHOUT_TERMINAL = 100_000


class _WithoutTrailingBlanks(TextIOBase):
    """stdout for rich, which pads the cells of a table and writes whole lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._encoding = out.encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def write(self, text: str) -> int:
        self._out.write("\n".join(line.rstrip(" ") for line in text.split("\n")))
        return len(text)

    def flush(self) -> None:
        self._out.flush()


def console_of_stdout() -> Console:
    if sys.stdout.isatty():
        return Console(highlight=False, markup=False)
    file = cast("TextIO", _WithoutTrailingBlanks(sys.stdout))
    return Console(file=file, highlight=False, markup=False, width=WIDTH_WITHOUT_TERMINAL)


def facts_table() -> Table:
    """A word and what it says."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def rows_table() -> Table:
    return Table(box=None, padding=(0, 2, 0, 0), header_style="bold")


def headed(word: str, text: str) -> Text:
    return Text.assemble((f"{word:8}", "bold"), text)


def this_command() -> str:
    """How the reader starts us: by name, or by path from an environment that he has not activated."""
    is_environment = sys.prefix != sys.base_prefix
    if not is_environment or os.environ.get("VIRTUAL_ENV") == sys.prefix:
        return "qalita"
    return shlex.quote(str(Path(sys.prefix) / "bin" / "qalita"))


def moment_in_words(written: str) -> str:
    """ISO 8601 → the time that people read everywhere, in UTC."""
    return f"{datetime.fromisoformat(written).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
