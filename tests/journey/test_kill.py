"""Killing the ingest at any moment and running it again leaves the store that an undisturbed run leaves.

The ingest runs in a forked child, on the artifacts of the dbt example; the child kills itself (SIGKILL) right before
its n-th boundary: a statement, a commit, or an operation on the outbox's files.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from sqlalchemy import Engine, event

from qalita_ingest.cli.ingest import ingest as command
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings
from store_dump import full_dump, state_by_natural_keys
from store_templates import lay_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from example_copies import ExampleCopy

pytestmark = pytest.mark.slow

STORES = ("sqlite", "postgresql")
RANDOM_KILLS = {"sqlite": 20, "postgresql": 6}
# SQLite's boundaries are all tried; of PostgreSQL, which takes longer to start with, one in so many.
STEPS = {"sqlite": 1, "postgresql": 4}
FILE_OPERATIONS = ("mkdir", "fsync", "replace", "rename", "unlink")


Place = Callable[[], Settings]


def dump_of(settings: Settings) -> dict[str, list[Any]]:
    """PostgreSQL gives no number twice, also where the transaction that took it ended: there the names count."""
    return state_by_natural_keys(settings.url) if settings.url else full_dump(settings.database_path)


def ingest(artifacts: Path, settings: Settings) -> None:
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
    variables = {"QALITA_STORE": str(settings.store)}
    if settings.url:
        variables["QALITA_DATABASE_URL"] = settings.url.render_as_string(hide_password=False)
    with mock.patch.dict(os.environ, variables):
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
def clean_dump(artifacts: Path, store_of_module: Place) -> dict[str, list[Any]]:
    settings = store_of_module()
    # In this process: what it imports here, hundreds of children need not import again.
    ingest(artifacts, settings)
    return dump_of(settings)


def killed_then_again(
    artifacts: Path, settings: Settings, work: Callable[[], None]
) -> tuple[int, dict[str, list[Any]]]:
    status = in_child(work)
    assert in_child(lambda: ingest(artifacts, settings)) == 0
    assert list((settings.store / "outbox").rglob("*.json.gz")) == []
    return status, dump_of(settings)


def boundaries(
    place: Place, step: int, act: Callable[[Settings], None]
) -> Iterator[tuple[int, Settings, Callable[[], None]]]:
    """1, 1 + step, … with a store each; the consumer stops when an act came to its end alive."""
    for due in range(1, 1000, step):
        settings = place()

        def work(due: int = due, settings: Settings = settings) -> None:
            Boundaries(due).watch()
            act(settings)

        yield due, settings, work


def test_a_kill_at_every_boundary_of_an_ingest(
    artifacts: Path, clean_dump: dict[str, list[Any]], store_kind: str, new_store: Place
) -> None:
    for due, settings, work in boundaries(new_store, STEPS[store_kind], lambda where: ingest(artifacts, where)):
        status, dump = killed_then_again(artifacts, settings, work)
        assert dump == clean_dump, f"boundary {due}"
        if status == 0:
            break
        assert status == -signal.SIGKILL
    # Every statement of the intake and every file of the outbox was one.
    assert due > 40


def test_a_kill_while_the_tables_are_made_leaves_none_or_all(tmp_path: Path) -> None:
    """In SQLite's own file, which nobody else has made. One transaction makes all: one boundary in five will do."""
    numbers = itertools.count()
    expected = full_dump(lay_store(Settings(tmp_path / "whole" / "store")).database_path)
    for due, settings, work in boundaries(
        lambda: Settings(tmp_path / str(next(numbers)) / "store"), 5, lambda where: open_database(where).close()
    ):
        status = in_child(work)
        open_database(settings).close()
        assert full_dump(settings.database_path) == expected, f"boundary {due}"
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert due > 50


def test_kills_at_random_times(
    artifacts: Path, clean_dump: dict[str, list[Any]], store_kind: str, new_store: Place
) -> None:
    timed = new_store()
    started = time.perf_counter()
    assert in_child(lambda: ingest(artifacts, timed)) == 0
    whole = time.perf_counter() - started
    chance = random.Random(20)  # noqa: S311 (no secret: a repeatable choice)
    for _ in range(RANDOM_KILLS[store_kind]):
        settings, delay = new_store(), chance.uniform(0, whole)

        def work(delay: float = delay, settings: Settings = settings) -> None:
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, delay)
            ingest(artifacts, settings)

        _, dump = killed_then_again(artifacts, settings, work)
        assert dump == clean_dump, f"killed after {delay:.3f} s"
