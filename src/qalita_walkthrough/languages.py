"""English, or French in the notebooks of `notebooks/fr`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

FRENCH_FOLDER = ("notebooks", "fr")


class Words(NamedTuple):
    """The same said twice."""

    english: str
    french: str

    def __str__(self) -> str:
        return self.french if _chosen["language"] == "fr" else self.english


_chosen = {"language": "en"}


def remember_language(started_in: Path, top: Path) -> None:
    """From the folder of the notebook; who opens a workspace again is no longer in it, and keeps the language."""
    below = started_in.relative_to(top).parts if started_in.is_relative_to(top) else ()
    if below[:1] != (".work",):
        _chosen["language"] = "fr" if below[:2] == FRENCH_FOLDER else "en"
