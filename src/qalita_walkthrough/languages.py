"""English, or French in the notebooks of `notebooks/fr`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

FRENCH_FOLDER = "fr"
# Code between backquotes is left as it is.
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


class Words(NamedTuple):
    """The same said twice."""

    english: str
    french: str

    def __str__(self) -> str:
        return with_french_spaces(self.french) if _chosen["language"] == "fr" else self.english


def with_french_spaces(text: str) -> str:
    """No line breaks before a colon, inside quotation marks, or in a number: people type plain blanks there."""
    parts = CODE.split(text)
    return "".join(part if place % 2 else _spaced(part) for place, part in enumerate(parts))


def _spaced(text: str) -> str:
    text = re.sub(r" (?=[:;?!»%](?:[\s)*_,.]|$))|(?<=«) ", "\u00a0", text)
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "\u202f", text)


_chosen = {"language": "en"}


def choose_language(edition: Path) -> None:
    """That of an edition of the notebooks: a folder below `notebooks`."""
    _chosen["language"] = "fr" if FRENCH_FOLDER in edition.parts else "en"
