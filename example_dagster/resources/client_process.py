"""A program as a process of its own: line by line into a log, with a time limit, and without its secrets."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Long enough to be a piece of a token: a client that breaks lines breaks tokens too.
PIECE = re.compile(r"[A-Za-z0-9_.\-]{8,}")
HIDDEN = "•••"


@dataclass(frozen=True)
class Printed:
    """What the program printed, and its exit code."""

    exit_code: int
    lines: list[str]

    @property
    def last(self) -> str:
        return next((line.strip() for line in reversed(self.lines) if line.strip()), "nothing was printed")


def hide(line: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        line = line.replace(secret, HIDDEN)
    return PIECE.sub(lambda found: HIDDEN if any(found[0] in secret for secret in secrets) else found[0], line)


def run_program(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    timeout_seconds: float,
    on_line: Callable[[str], None],
    secrets: Collection[str] = (),
) -> Printed:
    """Folder and environment are the program's alone. Raises `TimeoutError`, after ending all that it started."""
    process = subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    is_late = threading.Event()
    clock = threading.Timer(timeout_seconds, _end_late, (process, is_late))
    clock.start()
    try:
        lines = _read(process, on_line, secrets)
        exit_code = process.wait()
    finally:
        # Also when Dagster ends the step in the midst of it.
        clock.cancel()
        _end(process)
    if is_late.is_set():
        raise TimeoutError(f"not finished after {timeout_seconds:g} seconds")
    return Printed(exit_code, lines)


def _read(process: subprocess.Popen[str], on_line: Callable[[str], None], secrets: Collection[str]) -> list[str]:
    lines = []
    with process.stdout or open(os.devnull) as printed:  # noqa: PTH123 (os.devnull is no path of ours)
        for line in printed:
            lines.append(hide(line.rstrip(), secrets))
            if lines[-1]:
                on_line(lines[-1])
    return lines


def _end_late(process: subprocess.Popen[str], is_late: threading.Event) -> None:
    is_late.set()
    _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """With all that it started: a pack is a process of the client's."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
