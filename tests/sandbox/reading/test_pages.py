"""A list by the page is the list, whatever the size of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from factories import report
from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.intake import take_in
from qalita_ingest.sandbox.reading import CursorError, Page, Window
from sandbox_history import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.database import Database

STORES = ("sqlite", "postgresql")

LISTS: dict[str, Callable[[Session, Window], Page[Any]]] = {
    "projects": lambda session, window: reading.list_projects(session, NOW, window),
    "runs": lambda session, window: reading.list_runs(session, window=window),
    "datasets": lambda session, window: reading.list_datasets(session, prod(session), window=window),
    "checks": lambda session, window: reading.list_checks(session, prod(session), window=window),
    "results of a check": lambda session, window: reading.list_check_results(session, 1, prod(session).id, window),
    "results of a run": lambda session, window: reading.list_run_results(session, 2, window=window),
    "steps": lambda session, window: reading.list_run_steps(session, 1, window),
    "scores": lambda session, window: reading.list_scores(session, prod(session).id, window=window),
    "metrics": lambda session, window: reading.list_metrics(session, prod(session).id, window=window),
    "sources": lambda session, window: reading.list_sources(session, window=window),
    "jobs": lambda session, window: reading.list_jobs(session, window=window),
}


def prod(session: Session) -> reading.EnvironmentRef:
    found = reading.find_environment(session, "opendata_dbt", "prod")
    assert found
    return found


@pytest.mark.parametrize("name", LISTS)
def test_pages_of_one_and_of_two_give_what_one_large_page_gives(session: Session, name: str) -> None:
    whole = LISTS[name](session, Window(200))
    assert whole.items
    assert whole.next is None
    for size in (1, 2):
        assert walk(session, LISTS[name], size) == whole.items


def walk(session: Session, read: Callable[[Session, Window], Page[Any]], size: int) -> tuple[Any, ...]:
    items: tuple[Any, ...] = ()
    cursor = None
    for _ in range(20):
        page = read(session, Window(size, cursor))
        assert len(page.items) <= size
        items += page.items
        cursor = page.next
        if cursor is None:
            return items
    pytest.fail("the pages do not end")


def test_a_run_that_comes_in_meanwhile_shifts_nothing(database: Database, session: Session) -> None:
    first = reading.list_runs(session, window=Window(2))
    session.rollback()
    take_in(database, report(20, {"a": "passed"}, environment="prod"), NOW)
    second = reading.list_runs(session, window=Window(2, first.next))
    assert [run.run_id for run in (*first.items, *second.items)] == [
        "invocation-07",
        "invocation-05",
        "invocation-04",
        "invocation-03",
    ]


@pytest.mark.parametrize("cursor", ["", "x", "é", "W10", "bnVsbA", "WyIyMDI2LTAxLTAxVDAzOjAwOjAwWiJd", "a" * 4000])
def test_a_cursor_of_another_make_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(CursorError, match="expected the `next` of the page before"):
        reading.list_runs(session, window=Window(2, cursor))


def test_a_cursor_of_another_list_is_refused(session: Session) -> None:
    of_checks = reading.list_checks(session, prod(session), window=Window(1)).next
    with pytest.raises(CursorError):
        reading.list_runs(session, window=Window(1, of_checks))
