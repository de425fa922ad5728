"""A chart in a notebook: SVG where it can be shown, and what it shows in words where it can't."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape


@dataclass(frozen=True)
class Picture:
    """`svg` comes from `qalita_ingest.charts`, with a title and a description in it."""

    svg: bytes

    @property
    def title(self) -> str:
        return self._told("title")

    @property
    def description(self) -> str:
        return self._told("desc")

    def _told(self, element: str) -> str:
        found = re.search(rf"<{element}[^>]*>(.*?)</{element}>", self.svg.decode(), re.DOTALL)
        return unescape(found[1]) if found else ""

    def __repr__(self) -> str:
        return f"{self.title}\n{self.description}"

    def _repr_svg_(self) -> str:
        return self.svg.decode()


def show(svg: bytes) -> Picture:
    """As the last line of a cell."""
    return Picture(svg)
