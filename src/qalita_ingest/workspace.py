"""Where things are kept: one QALITA store for a whole workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER = ".qalita-workspace"


def store_folder(start: Path, environ: Mapping[str, str]) -> Path:
    """`QALITA_STORE`, else `.qalita/` at the nearest folder upwards with the workspace marker, else in `start`."""
    if chosen := environ.get("QALITA_STORE"):
        try:
            return (start / Path(chosen).expanduser()).resolve()
        except RuntimeError:
            raise SettingsError("QALITA_STORE: no such home folder; write the whole path") from None
    start = start.resolve()
    top = next((folder for folder in (start, *start.parents) if (folder / MARKER).exists()), start)
    return top / ".qalita"
