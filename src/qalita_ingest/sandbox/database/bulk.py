"""Many rows at once: what the ORM does for each row is most of the time that a large run takes."""

from __future__ import annotations

from enum import Enum
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import JSON, bindparam, insert, select, tuple_, update

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Dialect
    from sqlalchemy.orm import InstrumentedAttribute, Session
    from sqlalchemy.types import TypeEngine

    from qalita_ingest.sandbox.database.model import Base

# Far from SQLite's 32,766 variables in a statement.
ROWS_AT_ONCE = 100


def columns_of(entities: Sequence[Any], fields: Iterable[str]) -> dict[str, list[Any]]:
    """Of each field the values of all entities, in their order."""
    return {field: list(map(attrgetter(field), entities)) for field in fields}


def insert_columns(session: Session, table: type[Base], columns: Mapping[str, Sequence[Any]]) -> None:
    """One row for each value of the columns, which are all of one length."""
    if not any(columns.values()):
        return
    # The driver takes longer over a null than over a value, and many a column holds nothing else.
    columns = {name: values for name, values in columns.items() if values.count(None) < len(values)}
    connection = session.connection()
    statement = insert(table).compile(dialect=connection.dialect, column_keys=list(columns))
    # Column by column: a value is made ready for the driver only where its type asks for it.
    types = table.__table__.c
    bound = {name: _bound(types[name].type, values, connection.dialect) for name, values in columns.items()}
    # The statement names the columns in the order of the table.
    in_order = [bound[name] for name in statement.positiontup or columns]
    if connection.dialect.paramstyle == "qmark":
        _insert_several_at_once(connection, str(statement), in_order)
    else:
        connection.exec_driver_sql(str(statement), list(zip(*in_order, strict=True)))


def _insert_several_at_once(connection: Connection, statement: str, columns: list[Sequence[Any]]) -> None:
    """`… VALUES (?, ?), (?, ?), …`: SQLite takes a third less time than for as many statements of one row."""
    head, _, one = statement.rpartition(" VALUES ")
    values = chain.from_iterable(zip(*columns, strict=True))
    whole, rest = divmod(len(columns[0]), ROWS_AT_ONCE)
    for rows, times in ((ROWS_AT_ONCE, whole), (rest, 1)):
        if rows and times:
            batches = [tuple(islice(values, rows * len(columns))) for _ in range(times)]
            connection.exec_driver_sql(f"{head} VALUES {', '.join([one] * rows)}", batches)


def _bound(type_: TypeEngine[Any], values: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
    if isinstance(type_, JSON):
        # Most columns of JSON are empty in most runs.
        return [_json(value) for value in values] if any(values) else [_json(values[0])] * len(values)
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        # As it does over a word of an enumeration.
        return list(map(str, values)) if isinstance(values[0], Enum) else values
    # The rows of a run share their times.
    known = {value: process(value) for value in set(values)}
    return [known[value] for value in values]


def _json(value: object) -> str | None:
    if value is None:
        return None
    return msgspec.json.encode(value).decode() if value else "{}" if isinstance(value, dict) else "[]"


def update_older_rows(
    session: Session,
    table: type[Base],
    ids: Sequence[int],
    columns: Mapping[str, Sequence[Any]],
    order: tuple[Any, Any],
) -> None:
    """The row of each id. One that a later run defined (`defined_at`, `defined_by`) stays as it is."""
    if not ids:
        return
    known = table.__table__.c
    statement = (
        update(table)
        .where(known.id == bindparam("row"), tuple_(known.defined_at, known.defined_by) < tuple_(*order))
        .values({name: bindparam(name) for name in columns})
    )
    rows = zip(*columns.values(), ids, strict=True)
    session.connection().execute(statement, [dict(zip([*columns, "row"], row, strict=True)) for row in rows])


def ids_by(session: Session, column: InstrumentedAttribute[str], *conditions: ColumnElement[bool]) -> dict[str, int]:
    """Value of the column → id of its row. Read from the driver: a large project holds tens of thousands."""
    query = select(column, column.class_.id).where(*conditions)
    cursor = session.connection().execute(query).cursor
    return dict(cursor.fetchall()) if cursor else {}
