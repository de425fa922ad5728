"""Killing the ingest at any moment and running it again leaves the store that an undisturbed run leaves.

The ingest runs in a forked child, on the artifacts of the dbt example; the child kills itself (SIGKILL) right before
its n-th boundary: a statement, a commit, or an operation on the outbox's files.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from sqlalchemy import Engine, event

from qalita_ingest.cli.ingest import ingest as command
from store_dump import full_dump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from example_copies import ExampleCopy

pytestmark = pytest.mark.slow

RANDOM_KILLS = 20
FILE_OPERATIONS = ("mkdir", "fsync", "replace", "rename", "unlink")


def ingest(artifacts: Path, store: Path) -> None:
    """The command as it is typed, in this process."""
    results = [
        argument
        for path in sorted((artifacts / "steps").glob("*.run_results.json"))
        for argument in ("--results", str(path))
    ]
    arguments = [
        "--manifest",
        str(artifacts / "manifest.json"),
        "--sources",
        str(artifacts / "steps" / "sources.json"),
        *results,
    ]
    with mock.patch.dict(os.environ, QALITA_STORE=str(store)):
        command.main(args=["dbt", *arguments, "--project", "opendata_dbt"], standalone_mode=False)


def in_child(work: Callable[[], None]) -> int:
    """Run it in a fork, silently; returns the exit status, negative for a signal."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            sys.stdout = sys.stderr = nowhere
            work()
        status = 0
    finally:
        os._exit(status)


class Boundaries:
    """Counts boundaries, and at the one that is due kills the process."""

    def __init__(self, due: int | None) -> None:
        self.count = 0
        self._due = due

    def reached(self, *_arguments: Any, **_options: Any) -> None:
        self.count += 1
        if self.count == self._due:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        for moment in ("before_cursor_execute", "commit", "begin"):
            event.listen(Engine, moment, self.reached)
        for name in FILE_OPERATIONS:
            self._watch_file_operation(name)

    def _watch_file_operation(self, name: str) -> None:
        real = getattr(os, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            self.reached()
            return real(*arguments, **options)

        setattr(os, name, watched)


@pytest.fixture(scope="module")
def artifacts(built: ExampleCopy) -> Path:
    return built.folder / "target"


@pytest.fixture(scope="module")
def clean_dump(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    store = tmp_path_factory.mktemp("clean") / "store"
    # In this process: what it imports here, hundreds of children need not import again.
    ingest(artifacts, store)
    return full_dump(store / "qalita.db")


def killed_then_again(artifacts: Path, store: Path, work: Callable[[], None]) -> tuple[int, dict[str, list[Any]]]:
    status = in_child(work)
    assert in_child(lambda: ingest(artifacts, store)) == 0
    assert list((store / "outbox").rglob("*.json.gz")) == []
    return status, full_dump(store / "qalita.db")


def boundaries(artifacts: Path, folder: Path) -> Iterator[tuple[int, Path, Callable[[], None]]]:
    """1, 2, 3, … with a store each; the consumer stops when a run came to its end alive."""
    for due in range(1, 1000):
        store = folder / str(due) / "store"

        def work(due: int = due, store: Path = store) -> None:
            Boundaries(due).watch()
            ingest(artifacts, store)

        yield due, store, work


def test_a_kill_at_every_boundary(artifacts: Path, clean_dump: dict[str, list[Any]], tmp_path: Path) -> None:
    for due, store, work in boundaries(artifacts, tmp_path):
        status, dump = killed_then_again(artifacts, store, work)
        assert dump == clean_dump, f"boundary {due}"
        if status == 0:
            break
        assert status == -signal.SIGKILL
    # Every statement of the migration, the intake and the outbox was one.
    assert due > 100


def test_kills_at_random_times(artifacts: Path, clean_dump: dict[str, list[Any]], tmp_path: Path) -> None:
    started = time.perf_counter()
    assert in_child(lambda: ingest(artifacts, tmp_path / "timed")) == 0
    whole = time.perf_counter() - started
    chance = random.Random(20)  # noqa: S311 (no secret: a repeatable choice)
    for number in range(RANDOM_KILLS):
        store, delay = tmp_path / str(number) / "store", chance.uniform(0, whole)

        def work(delay: float = delay, store: Path = store) -> None:
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, delay)
            ingest(artifacts, store)

        _, dump = killed_then_again(artifacts, store, work)
        assert dump == clean_dump, f"killed after {delay:.3f} s"
