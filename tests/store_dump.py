"""A store as a value: every row of every table, ids replaced by the natural keys that they stand for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, MetaData, NullPool, create_engine, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Table

    # SQLite's file, or whichever store has the URL.
    Store = Path | URL

# What differs between two honest stores: when a run arrived and was taken in, and what was answered then.
CLOCK = {"runs": {"received_at", "answer"}, "jobs": {"created_at", "claimed_at", "started_at", "ended_at"}}


@contextmanager
def _reading(store: Store) -> Iterator[Connection]:
    url = store if isinstance(store, URL) else URL.create("sqlite+pysqlite", database=str(store))
    # No connection stays behind: a database with one can't be dropped.
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


def rows_of(store: Store, query: str) -> list[tuple[Any, ...]]:
    with _reading(store) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def full_dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every byte that was stored, ids included, except the server's clock."""
    with _reading(store) as connection:
        tables = MetaData()
        tables.reflect(connection)
        return {table.name: _rows(connection, table) for table in tables.sorted_tables}


def state_by_natural_keys(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What the store says, whatever numbers its rows got."""
    queries = {
        "checks": """
            select p.name, c.key, c.name, c.severity, c.dimension, c.owner, d.key, c.defined_at, c.defined_by
            from checks c join projects p on p.id = c.project_id left join datasets d on d.id = c.dataset_id""",
        "datasets": "select d.key, d.name, d.owner, d.relation, d.defined_at, d.defined_by from datasets d",
        "runs": """
            select e.name, r.run_id, r.idempotency_key, r.body_digest, r.finished_at, s.keys
            from runs r join environments e on e.id = r.environment_id
            left join definition_sets s on s.id = r.definition_set_id""",
        "results": """
            select e.name, r.run_id, c.key, i.key, t.status, t.failures, t.message
            from results t join runs r on r.id = t.run_id join checks c on c.id = t.check_id
            join invocations i on i.id = t.invocation_id join environments e on e.id = i.environment_id""",
        "steps": """
            select r.run_id, t.key, i.key, t.status, t.finding
            from steps t join runs r on r.id = t.run_id join invocations i on i.id = t.invocation_id""",
        "metrics": """
            select r.run_id, m.key, m.value, m.scope_value, i.key
            from metrics m join runs r on r.id = m.run_id join invocations i on i.id = m.invocation_id""",
        "scores": """
            select r.run_id, s.perimeter, s.key, s.value, s.checks, s.excluded
            from scores s join runs r on r.id = s.run_id""",
        "issues": """
            select e.name, i.subject, i.kind, i.severity, i.state, i.message, i.first_seen_at, i.last_seen_at,
                i.resolved_at, i.resolution, i.occurrences, i.muted_until, i.assignee, i.due_on, i.definitions_scope,
                c.key, d.key
            from issues i join environments e on e.id = i.environment_id
            left join checks c on c.id = i.check_id left join datasets d on d.id = i.dataset_id""",
        "issue_events": """
            select e.name, i.subject, v.kind, v.occurred_at, v.actor, v.detail, v.comment, r.run_id
            from issue_events v join issues i on i.id = v.issue_id
            join environments e on e.id = i.environment_id left join runs r on r.id = v.run_id""",
    }
    return {name: sorted(rows_of(store, query), key=repr) for name, query in queries.items()}


def _rows(connection: Connection, table: Table) -> list[tuple[Any, ...]]:
    clock = CLOCK.get(table.name, set())
    columns = [column for column in table.columns if column.name not in clock]
    return sorted((tuple(row) for row in connection.execute(table.select().with_only_columns(*columns))), key=repr)
