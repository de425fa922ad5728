"""What a store promises on SQLite and on PostgreSQL alike: writers queue, texts and numbers are kept as they are."""

from __future__ import annotations

import hashlib
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from factories import report
from qalita_ingest.sandbox.database import Database, dialects, open_database
from qalita_ingest.sandbox.database.model import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
WRITERS = 6


@contextmanager
def opened(settings: Settings, processes: int) -> Iterator[list[Database]]:
    """As that many processes would have it."""
    with ExitStack() as closing:
        databases = [open_database(settings) for _ in range(processes)]
        for database in databases:
            closing.callback(database.close)
        yield databases


def count_projects(session: Session) -> int:
    return session.scalar(select(func.count(Project.id))) or 0


@pytest.mark.parametrize("processes", [1, 2])
def test_a_writer_sees_all_that_those_before_it_wrote(new_store: Callable[[], Settings], processes: int) -> None:
    seen, together = [], threading.Barrier(WRITERS)

    def add(database: Database) -> None:
        together.wait(timeout=10)
        with database.writing() as session:
            seen.append(count_projects(session))
            session.add(Project(name=f"project {seen[-1]}"))

    with opened(new_store(), processes) as databases:
        threads = [threading.Thread(target=add, args=(databases[n % processes],)) for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    assert sorted(seen) == list(range(WRITERS))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_writer_whose_turn_does_not_come_gives_up(
    new_store: Callable[[], Settings], processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "BUSY_TIMEOUT_MILLISECONDS", 50)
    with opened(new_store(), processes) as databases, databases[0].writing() as first:
        first.execute(select(Project))
        with pytest.raises(OperationalError), databases[-1].writing() as second:
            second.execute(select(Project))


def fail_after_writing(session: Session) -> None:
    session.add(Project(name="never"))
    session.flush()
    raise ZeroDivisionError


def test_what_fails_leaves_nothing_and_lets_the_next_one_write(new_store: Callable[[], Settings]) -> None:
    with opened(new_store(), 1) as (database,):
        with pytest.raises(ZeroDivisionError), database.writing() as session:
            fail_after_writing(session)
        with database.writing() as session:
            assert count_projects(session) == 0


def test_reading_sees_the_store_as_of_one_moment(new_store: Callable[[], Settings]) -> None:
    with opened(new_store(), 1) as (database,), database.reading() as session:
        before = count_projects(session)
        with database.writing() as other:
            other.add(Project(name="meanwhile"))

        assert (before, count_projects(session)) == (0, 0)


def with_result(run: RunReport, **facts: object) -> RunReport:
    return replace(run, results=(replace(run.results[0], **facts),))


LONG = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(200))


def test_a_text_is_kept_whole_however_long_it_is(sandbox: Sandbox) -> None:
    run = with_result(report(1, {"a": "failed"}), message=LONG, relation=LONG, tool_status=LONG)
    named = replace(run, checks=(replace(run.checks[0], name=LONG, owner=LONG),))
    sandbox.take(named)

    assert sandbox.rows("select message, relation, tool_status from results") == [(LONG, LONG, LONG)]
    assert sandbox.rows("select name, owner from checks") == [(LONG, LONG)]


def test_the_largest_count_of_the_contract_is_kept(sandbox: Sandbox) -> None:
    sandbox.take(with_result(report(1, {"a": "failed"}), failures=2**63 - 1))

    assert sandbox.rows("select failures from results") == [(2**63 - 1,)]


def test_texts_are_in_the_order_of_their_code_points(sandbox: Sandbox) -> None:
    names = ("a", "B", "é", "Z", "_", "z")
    sandbox.take(report(1, dict.fromkeys(names, "passed")))

    assert [name for (name,) in sandbox.rows("select name from checks order by name")] == sorted(names)
