"""A dbt command run as it was typed, and what it left behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RESULTS = ("run_results.json", "sources.json")
PASSED_ON = (signal.SIGINT, signal.SIGTERM)
# What shells answer, and add to the number of the signal that ended a command.
COMMAND_NOT_FOUND = 127
ENDED_BY_SIGNAL = 128

_TARGET_PATH = re.compile(r"^target-path\s*:\s*(?P<value>\"[^\"]*\"|'[^']*'|[^#\n]*)", re.MULTILINE)


def option_of(command: Sequence[str], *names: str) -> str | None:
    """What a command says after an option; the last one counts, as it does for dbt."""
    found = None
    for word, following in zip_longest(command, command[1:]):
        name, equals, value = word.partition("=")
        if name in names:
            found = value if equals else following
    return found


def project_folder(command: Sequence[str], environ: Mapping[str, str], here: Path) -> Path:
    """Where dbt finds dbt_project.yml: `--project-dir`, DBT_PROJECT_DIR, the nearest folder upwards, else here."""
    if named := option_of(command, "--project-dir") or _variable(environ, "PROJECT_DIR"):
        return here / named
    return next((one for one in (here, *here.parents) if (one / "dbt_project.yml").exists()), here)


def target_folder(command: Sequence[str], chosen: Path | None, environ: Mapping[str, str], here: Path) -> Path:
    """Where dbt writes: the command's own `--target-path`, `chosen`, DBT_TARGET_PATH, dbt_project.yml, else target/.

    dbt's words count from its project, `chosen` from here. Raises `SettingsError` where dbt_project.yml has a template.
    """
    project = project_folder(command, environ, here)
    if named := option_of(command, "--target-path"):
        return project / named
    if chosen is not None:
        return here / chosen
    return project / (_variable(environ, "TARGET_PATH") or _configured(project / "dbt_project.yml") or "target")


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    """dbt 1.11 knows each of its variables by two names."""
    return environ.get(f"DBT_ENGINE_{name}") or environ.get(f"DBT_{name}")


def _configured(project_file: Path) -> str | None:
    try:
        found = _TARGET_PATH.search(project_file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    value = found["value"].strip().strip("\"'") if found else ""
    if "{{" in value:
        raise SettingsError(f"{project_file}: target-path is a template; name the folder with --target-path")
    return value or None


def variables_of(command: Sequence[str]) -> object:
    """dbt's `--vars`: what its JSON says, else its text, which is YAML."""
    text = option_of(command, "--vars")
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


@dataclass(frozen=True)
class Left:
    """The artifacts that a command wrote, and why others that lie there are not taken."""

    manifest: Path
    results: Path | None
    sources: Path | None
    catalog: Path | None
    not_taken: list[str]


@dataclass(frozen=True)
class Before:
    """What lay in the target folder before the command ran: digests of the files that hold results."""

    folder: Path
    digests: dict[str, str | None]

    @classmethod
    def of(cls, folder: Path) -> Before:
        return cls(folder, {name: _digest(folder / name) for name in RESULTS})

    def left(self) -> Left:
        """A file with the bytes of before was not written: every dbt command puts an id of its own into it.

        Manifest and catalog describe, and hold no results: they are taken as they lie there.
        """
        written = {name: self.folder / name for name, digest in self._now().items() if digest != self.digests[name]}
        return Left(
            manifest=self.folder / "manifest.json",
            results=written.get("run_results.json"),
            sources=written.get("sources.json"),
            catalog=_existing(self.folder / "catalog.json"),
            not_taken=[
                f"{self.folder / name} is not taken: the command left it as it was: its results are older"
                for name in self._now()
                if name not in written
            ],
        )

    def _now(self) -> dict[str, str]:
        return {name: digest for name in RESULTS if (digest := _digest(self.folder / name))}


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


@dataclass
class Finished:
    """`exit_code` as a shell gives it. `is_abandoned`: a second signal came, so nothing more is to be done."""

    exit_code: int
    signals: list[int] = field(default_factory=list)

    @property
    def is_abandoned(self) -> bool:
        return len(self.signals) > 1


def run(command: Sequence[str], *, is_stdout_ours: bool = False) -> Finished:
    """Run it with our stdin, terminal and environment, and wait; `is_stdout_ours` sends its output to stderr.

    Raises `OSError` where it can't be started.
    """
    signals: list[int] = []
    with _signals_kept(signals) as pass_to:
        child = subprocess.Popen(command, stdout=sys.stderr if is_stdout_ours else None)
        pass_to(child)
        code = child.wait()
    return Finished(ENDED_BY_SIGNAL - code if code < 0 else code, signals)


@contextmanager
def _signals_kept(signals: list[int]) -> Iterator[Any]:
    """While the command runs, signals are written down and passed on; ours to obey is its end.

    One that was ignored before (nohup, a job in the background) stays so, for the command, too.
    """
    children: list[subprocess.Popen[bytes]] = []

    def note(number: int, _frame: object) -> None:
        signals.append(number)
        if children and not (number == signal.SIGINT and _has_terminal()):
            children[0].send_signal(number)

    def pass_to(child: subprocess.Popen[bytes]) -> None:
        children.append(child)
        for number in signals:
            child.send_signal(number)

    handlers = {number: signal.getsignal(number) for number in PASSED_ON}
    before = {number: handler for number, handler in handlers.items() if handler not in {signal.SIG_IGN, None}}
    for number in before:
        signal.signal(number, note)
    try:
        yield pass_to
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_terminal() -> bool:
    """Ctrl-C reaches every process in the foreground of a terminal: the command has it already."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
