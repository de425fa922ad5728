"""The pages of the documentation, taken apart: headings, code, tables, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("example_dbt/*.md")])
ENGLISH, FRENCH = TOP / "README.md", TOP / "README.fr.md"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
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
        return _FENCE.findall(self.text)

    @property
    def spans(self) -> list[str]:
        return _SPAN.findall(self.prose)

    @property
    def commands(self) -> list[str]:
        """What a reader may type: code spans, and the lines of shell blocks."""
        return [
            *self.spans,
            *(line for language, code in self.blocks if language == "sh" for line in code.splitlines()),
        ]

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


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def spans(text: str) -> list[str]:
    return _SPAN.findall(text)


def anchor(title: str) -> str:
    """As GitHub makes it: small letters, no punctuation, blanks become dashes."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def page(path: Path | str) -> Page:
    return Page(TOP / path)


ALL = [Page(path) for path in PAGES]
