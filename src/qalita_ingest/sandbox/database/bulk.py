"""Many rows at once: what the ORM does for each row is most of the time that a large run takes."""

from __future__ import annotations

from enum import Enum
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import JSON, Float, bindparam, literal, select, tuple_, update

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
    # Column by column: a value is made ready for the driver only where its type asks for it.
    types = {name: table.__table__.c[name].type for name in columns}
    bound = [_bound(types[name], values, connection.dialect) for name, values in columns.items()]
    quote = connection.dialect.identifier_preparer.quote
    head = f"INSERT INTO {quote(table.__tablename__)} ({', '.join(map(quote, columns))})"
    if connection.dialect.name == "postgresql":
        _insert_arrays(connection, head, list(types.values()), bound)
    else:
        _insert_several_at_once(connection, head, bound)


def _insert_several_at_once(connection: Connection, head: str, columns: list[Sequence[Any]]) -> None:
    """`… VALUES (?, ?), (?, ?), …`: SQLite takes a third less time than for as many statements of one row."""
    one = f"({', '.join('?' * len(columns))})"
    values = chain.from_iterable(zip(*columns, strict=True))
    whole, rest = divmod(len(columns[0]), ROWS_AT_ONCE)
    for rows, times in ((ROWS_AT_ONCE, whole), (rest, 1)):
        if rows and times:
            batches = [tuple(islice(values, rows * len(columns))) for _ in range(times)]
            connection.exec_driver_sql(f"{head} VALUES {', '.join([one] * rows)}", batches)


def _insert_arrays(
    connection: Connection, head: str, types: list[TypeEngine[Any]], columns: list[Sequence[Any]]
) -> None:
    """Each column as one array: one statement, and always the same, however many rows there are."""
    # A collation belongs to the column, not to the values.
    names = [type_.compile(connection.dialect).partition(" COLLATE ")[0] for type_ in types]
    arrays = ", ".join(f"%s::{name}[]" for name in names)
    statement = f"{head} SELECT * FROM unnest({arrays})"  # noqa: S608 (names and types of our own tables)
    connection.exec_driver_sql(statement, tuple(map(list, columns)))


def _bound(type_: TypeEngine[Any], values: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
    if isinstance(type_, JSON):
        # Most columns of JSON are empty in most runs.
        return [_json(value) for value in values] if any(values) else [_json(values[0])] * len(values)
    if isinstance(type_, Float):
        # psycopg makes no array of floats and integers.
        return [None if value is None else float(value) for value in values]
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
    defined = (known.defined_at, known.defined_by)
    # With their types: else PostgreSQL takes the time as one of its own zone.
    mine = (literal(value, column.type) for value, column in zip(order, defined, strict=True))
    statement = (
        update(table)
        .where(known.id == bindparam("row"), tuple_(*defined) < tuple_(*mine))
        .values({name: bindparam(name) for name in columns})
    )
    rows = zip(*columns.values(), ids, strict=True)
    session.connection().execute(statement, [dict(zip([*columns, "row"], row, strict=True)) for row in rows])


def ids_by(session: Session, column: InstrumentedAttribute[str], *conditions: ColumnElement[bool]) -> dict[str, int]:
    """Value of the column → id of its row. Read from the driver: a large project holds tens of thousands."""
    query = select(column, column.class_.id).where(*conditions)
    cursor = session.connection().execute(query).cursor
    return dict(cursor.fetchall()) if cursor else {}
