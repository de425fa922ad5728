"""What the process list shows while something runs."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Self

SECONDS_BETWEEN = 0.02


class ProcessWatch:
    """`seen`: the command line of every process that lived for a moment while the block ran."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(timeout=10)

    def _look(self) -> None:
        while not self._is_over.wait(SECONDS_BETWEEN):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue  # it has ended


def processes_of_session(leader: int) -> list[int]:
    """Those that still run, of a process that was started in a session of its own."""
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _session_of(path) == leader]


def _session_of(process: Path) -> int | None:
    try:
        is_zombie = "State:\tZ" in (process / "status").read_text()
        return None if is_zombie else os.getsid(int(process.name))
    except OSError:
        return None  # it has ended
