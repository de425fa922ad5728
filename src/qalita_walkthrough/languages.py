"""English, or French in the notebooks of `notebooks/fr`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

FRENCH_FOLDER = ("notebooks", "fr")
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


def remember_language(started_in: Path, top: Path) -> None:
    """From the folder of the notebook; who opens a workspace again is no longer in it, and keeps the language."""
    below = started_in.relative_to(top).parts if started_in.is_relative_to(top) else ()
    if below[:1] != (".work",):
        _chosen["language"] = "fr" if below[:2] == FRENCH_FOLDER else "en"
