"""Many rows at once: what the ORM does for each row is most of the time that a large run takes."""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import JSON, bindparam, insert, tuple_, update

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sqlalchemy import Connection, Dialect
    from sqlalchemy.orm import Session
    from sqlalchemy.types import TypeEngine

    from qalita_ingest.sandbox.database.model import Base

# Far from SQLite's 32,766 variables in a statement.
ROWS_AT_ONCE = 20


def insert_rows(session: Session, table: type[Base], names: Sequence[str], rows: Collection[tuple[Any, ...]]) -> None:
    """`names` are the columns, in the order of the values in each row."""
    if not rows:
        return
    connection = session.connection()
    statement = insert(table).compile(dialect=connection.dialect, column_keys=list(names))
    # Column by column: a value is made ready for the driver only where its type asks for it.
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    bound = {name: _bound(table.__table__.c[name].type, values, connection.dialect) for name, values in columns.items()}
    # The statement names the columns in the order of the table.
    in_order = (bound[name] for name in statement.positiontup or names)
    ready = list(zip(*in_order, strict=True))
    if connection.dialect.paramstyle == "qmark":
        whole = len(ready) // ROWS_AT_ONCE * ROWS_AT_ONCE
        _insert_several_at_once(connection, str(statement), ready[:whole])
        ready = ready[whole:]
    if ready:
        connection.exec_driver_sql(str(statement), ready)


def _insert_several_at_once(connection: Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """`… VALUES (?, ?), (?, ?), …`: SQLite takes a fifth less time than for as many statements of one row."""
    head, _, one = statement.rpartition(" VALUES ")
    batches = (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))
    ready = [tuple(chain.from_iterable(batch)) for batch in batches]
    if ready:
        connection.exec_driver_sql(f"{head} VALUES {', '.join([one] * ROWS_AT_ONCE)}", ready)


def _bound(type_: TypeEngine[Any], values: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
    if isinstance(type_, JSON):
        # Most columns of JSON are empty in most runs.
        return [_json(value) for value in values] if any(values) else [_json(values[0])] * len(values)
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    # The rows of a run share their times.
    known = {value: process(value) for value in set(values)}
    return [known[value] for value in values]


def _json(value: object) -> str | None:
    if value is None:
        return None
    return msgspec.json.encode(value).decode() if value else "{}" if isinstance(value, dict) else "[]"


def update_older_rows(
    session: Session, table: type[Base], names: Sequence[str], rows: Iterable[tuple[Any, ...]], order: tuple[Any, Any]
) -> None:
    """`rows` end in the id. A row that a later run defined (`defined_at`, `defined_by`) stays as it is."""
    columns = table.__table__.c
    found = [dict(zip([*names, "row"], row, strict=True)) for row in rows]
    if found:
        statement = (
            update(table)
            .where(columns.id == bindparam("row"), tuple_(columns.defined_at, columns.defined_by) < tuple_(*order))
            .values({name: bindparam(name) for name in names})
        )
        session.connection().execute(statement, found)


def values_of(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Of an entity, these fields as a tuple."""
    return attrgetter(*names)
