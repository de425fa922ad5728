"""The pages of the documentation, taken apart: headings, code, tables, links."""

from __future__ import annotations

import json
import os
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent.parent
# These, and folders whose names begin with a dot, hold files of others.
MADE_BY_TOOLS = {"target", "dbt_packages", "logs", "wheels", "offline-bundle", "__pycache__"}
ENGLISH, FRENCH = TOP / "README.md", TOP / "README.fr.md"

# Also inside a list, where it is indented.
_FENCE = re.compile(r"^ {0,3}```(\w*)\n(.*?)^ {0,3}```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^(?: {4}|\t).*\n?)+", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^\|.*\|\n)+", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(TOP))

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """Without code blocks, in which nothing is a heading, a table or a link."""
        return _INDENTED.sub("", _FENCE.sub("", self.text))

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """(language, code) of the fenced blocks."""
        return [(language, textwrap.dedent(code)) for language, code in _FENCE.findall(self.text)]

    @property
    def indented(self) -> list[str]:
        """Blocks that four blanks make code: what people type, and what is printed."""
        return [textwrap.dedent(block) for block in _INDENTED.findall(_FENCE.sub("", self.text))]

    @property
    def spans(self) -> list[str]:
        return _SPAN.findall(self.prose)

    @property
    def commands(self) -> list[str]:
        """What a reader may type: code spans, and the lines of shell blocks and indented ones."""
        typed = [code for language, code in self.blocks if language == "sh"] + self.indented
        return [*self.spans, *(line for code in typed for line in code.splitlines())]

    @property
    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    @property
    def headings(self) -> list[tuple[int, str]]:
        return [(len(marks), title) for marks, title in _HEADING.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        return {anchor(title) for _, title in self.headings}

    @property
    def tables(self) -> list[list[list[str]]]:
        """Rows of cells, the header first."""
        return [
            [cells(line) for number, line in enumerate(table.splitlines()) if number != 1]
            for table in _TABLE.findall(self.prose)
        ]

    def table(self, heading: str) -> list[list[str]]:
        """The rows of the first table after a heading, without its header."""
        section = self.text.split(f"# {heading}\n", 1)[1]
        return [cells(line) for line in _TABLE.findall(section)[0].splitlines()[2:]]


class NotebookPage(Page):
    """What a notebook says between its code."""

    @property
    def text(self) -> str:
        notebook = json.loads(self.path.read_text(encoding="utf-8"))
        return "\n\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def spans(text: str) -> list[str]:
    return _SPAN.findall(text)


def anchor(title: str) -> str:
    """As GitHub makes it: small letters, no punctuation, blanks become dashes."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def page(path: Path | str) -> Page:
    return Page(TOP / path)


def is_french(path: Path) -> bool:
    """page.fr.md, or a page in a folder fr."""
    return ".fr." in path.name or path.parent.name == "fr"


def in_english(path: Path) -> Path:
    """The twin of a French page or file; any other path as it is."""
    folder = path.parent.parent if path.parent.name == "fr" else path.parent
    return folder / path.name.replace(".fr.", ".")


def own_files(folder: Path, *endings: str) -> Iterator[Path]:
    """Files with one of these endings that the repository holds itself."""
    for path, below, names in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".") and name not in MADE_BY_TOOLS]
        yield from (Path(path) / name for name in names if name.endswith(endings))


PAGES = sorted(own_files(TOP, ".md"))
ALL = [Page(path) for path in PAGES]
NOTEBOOKS = [NotebookPage(path) for path in sorted(own_files(TOP / "notebooks", ".ipynb"))]
