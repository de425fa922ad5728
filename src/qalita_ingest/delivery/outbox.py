"""Runs on their way, on disk: `pending/` until QALITA has them, `parked/` when it will not take them.

A file is a gzipped report, written beside and renamed, so it is there whole or not at all; its name begins with the
time of the run, so sorted names are the order of delivery, and holds a digest of the content, so that two runs which
claim to be one are both kept until QALITA has decided.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from qalita_ingest.contract import decode_report, encode, idempotency_key
from qalita_ingest.errors import RejectedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qalita_ingest.contract import RunReport

FASTEST = 1
SUFFIX = ".json.gz"
LEFTOVER_SECONDS = 3600


@dataclass(frozen=True)
class Entry:
    """One kept run: gzipped JSON, under a name that ends in its idempotency key.

    `report` is the run itself where it is still at hand.
    """

    path: Path
    content: bytes
    report: RunReport | None = None

    @property
    def key(self) -> str:
        return self.path.name.removesuffix(SUFFIX).rpartition("-")[2]

    def read(self) -> RunReport:
        """Raises `RejectedError` when it holds no report."""
        if self.report:
            return self.report
        try:
            return decode_report(gzip.decompress(self.content))
        except (OSError, EOFError, zlib.error, msgspec.DecodeError, RecursionError) as error:
            raise RejectedError(f"{self.path.name} holds no run report: {error}") from None


class Outbox:
    """`folder` is made when the first run is kept."""

    def __init__(self, folder: Path) -> None:
        self._pending = folder / "pending"
        self._parked = folder / "parked"

    def keep(self, report: RunReport) -> Entry:
        """Raises `StoreError` when the disk will not hold it; then nothing is left behind."""
        # mtime=0: the same run is the same bytes.
        content = gzip.compress(encode(report), FASTEST, mtime=0)
        parts = (f"{report.context.finished_at:%Y%m%dT%H%M%S%f}", _digest(content), idempotency_key(report))
        entry = Entry(self._pending / f"{'-'.join(parts)}{SUFFIX}", content, report)
        _write_whole(entry.path, entry.content)
        return entry

    def pending(self) -> list[Path]:
        """In the order in which the runs finished."""
        return sorted(self._pending.glob(f"*{SUFFIX}"))

    def parked(self) -> list[Path]:
        return sorted(self._parked.glob(f"*{SUFFIX}"))

    def delivered(self, path: Path) -> None:
        # Another ingest may have delivered it at the same time: the key made that harmless.
        path.unlink(missing_ok=True)

    def park(self, path: Path, reason: str) -> Path:
        """Keep it out of the way, with the reason in a file beside it."""
        parked = self._parked / path.name
        _write_whole(_reason_beside(parked), f"{reason}\n".encode())
        try:
            path.replace(parked)
        except FileNotFoundError:
            # Another process delivered or parked it meanwhile.
            if not parked.exists():
                _reason_beside(parked).unlink(missing_ok=True)
        return parked

    def take_back(self) -> int:
        """All that is parked is pending again; says how many. A run that is pending as well is one afterwards."""
        paths = self.parked()
        for path in paths:
            with suppress(FileNotFoundError):
                path.replace(self._folder_of_pending() / path.name)
            _reason_beside(path).unlink(missing_ok=True)
        return len(paths)

    def _folder_of_pending(self) -> Path:
        self._pending.mkdir(parents=True, exist_ok=True)
        return self._pending


def reason_of(parked: Path) -> str | None:
    """Why a run was parked; None where nobody wrote it down."""
    try:
        return _reason_beside(parked).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _reason_beside(parked: Path) -> Path:
    return parked.with_suffix(".reason.txt")


def _write_whole(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent)
        with _beside(path) as temporary:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path.parent}: the outbox can't be written: {error.strerror}; "
            f"free some space, or choose another folder with QALITA_STORE"
        ) from None


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A temporary file in the same folder, gone afterwards whatever happens."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _remove_leftovers(folder: Path) -> None:
    """What a killed process could not remove; a file that is younger may still be written."""
    for leftover in folder.glob(".*.part"):
        with suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                leftover.unlink()


def _sync_folder(folder: Path) -> None:
    """A rename survives a power cut only when its folder was synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
