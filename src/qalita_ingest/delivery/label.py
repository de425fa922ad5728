"""What a kept run says of itself, read from the file alone."""

from __future__ import annotations

import gzip
import zlib
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from qalita_ingest.errors import RejectedError

if TYPE_CHECKING:
    from pathlib import Path


class DamagedEntryError(RejectedError):
    """The file is not what was written there; nothing that is sent of it would be taken."""


class _LabelContext(msgspec.Struct):
    finished_at: datetime


class _Labelled(msgspec.Struct):
    project: str
    environment: str
    context: _LabelContext


class RunLabel(msgspec.Struct, frozen=True):
    project: str
    environment: str
    finished_at: datetime

    def __str__(self) -> str:
        return f"{self.project}, {self.environment}, finished {self.finished_at:%Y-%m-%d %H:%M:%S} UTC"


def read_label(path: Path) -> RunLabel:
    """Raises `DamagedEntryError`, and `FileNotFoundError` when another process delivered the run meanwhile."""
    return label_of(path, read_kept(path))


def label_of(path: Path, content: bytes) -> RunLabel:
    """Unpacks and looks through all of it: a file that is cut off anywhere is found out here."""
    try:
        found = msgspec.json.decode(gzip.decompress(content), type=_Labelled)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError, RecursionError) as error:
        raise _damaged(path, str(error) or type(error).__name__) from None
    return RunLabel(found.project, found.environment, found.context.finished_at)


def read_kept(path: Path) -> bytes:
    """Raises like `read_label`."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _damaged(path, error.strerror or "it can't be read") from None


def _damaged(path: Path, reason: str) -> DamagedEntryError:
    return DamagedEntryError(
        f"{path.name} is damaged ({reason}) and can't be sent; it is not deleted; ingest the same dbt files again"
    )
