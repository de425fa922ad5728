"""Many rows at once: what the ORM does for each row is most of the time that a large run takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import chain, islice, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import JSON, Float, bindparam, insert, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Insert, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session
    from sqlalchemy.types import TypeEngine

    from qalita_ingest.sandbox.database.model import Base

# Far from SQLite's 32,766 variables in a statement.
ROWS_AT_ONCE = 100


def columns_of(entities: Sequence[Any], fields: Iterable[str]) -> dict[str, list[Any]]:
    """Of each field the values of all entities, in their order."""
    return {field: list(map(attrgetter(field), entities)) for field in fields}


def insert_row(session: Session, table: type[Base], row: Mapping[str, Any]) -> int:
    """The id of the new row; past the ORM, which takes longer over a row than the database does."""
    (row_id,) = session.connection().execute(_into(table), row).inserted_primary_key or (0,)
    return int(row_id)


@cache
def _into(table: type[Base]) -> Insert:
    return insert(table.__table__)  # type: ignore[arg-type]


def insert_columns(session: Session, table: type[Base], columns: Mapping[str, Sequence[Any]]) -> None:
    """One row for each value of the columns, which are all of one length."""
    if not any(columns.values()):
        return
    # The driver takes longer over a null than over a value, and many a column holds nothing else.
    columns = {name: values for name, values in columns.items() if values.count(None) < len(values)}
    connection = session.connection()
    bound = _Bound.of(connection, table, columns)
    head = f"INSERT INTO {bound.table} ({', '.join(bound.names)})"
    if connection.dialect.name == "postgresql":
        # S608 here and below: names and types of our own tables.
        connection.exec_driver_sql(f"{head} SELECT * FROM {bound.as_rows}", bound.as_arrays)  # noqa: S608
    else:
        _insert_several_at_once(connection, head, bound.columns)


def _insert_several_at_once(connection: Connection, head: str, columns: list[Sequence[Any]]) -> None:
    """`… VALUES (?, ?), (?, ?), …`: SQLite takes a third less time than for as many statements of one row."""
    one = f"({', '.join('?' * len(columns))})"
    values = chain.from_iterable(zip(*columns, strict=True))
    whole, rest = divmod(len(columns[0]), ROWS_AT_ONCE)
    for rows, times in ((ROWS_AT_ONCE, whole), (rest, 1)):
        if rows and times:
            batches = [tuple(islice(values, rows * len(columns))) for _ in range(times)]
            connection.exec_driver_sql(f"{head} VALUES {', '.join([one] * rows)}", batches)


@dataclass
class _Bound:
    """Columns as the driver takes them. `names` and `table` are quoted where they must be."""

    table: str
    names: list[str]
    types: list[str]
    columns: list[Sequence[Any]]

    @classmethod
    def of(cls, connection: Connection, table: type[Base], columns: Mapping[str, Sequence[Any]]) -> _Bound:
        # Column by column: a value is made ready for the driver only where its type asks for it.
        dialect, known = connection.dialect, table.__table__.c
        quote = dialect.identifier_preparer.quote
        types = [_type_name(known[name].type, dialect) for name in columns]
        bound = [_bound(known[name].type, values, dialect) for name, values in columns.items()]
        return cls(quote(table.__tablename__), list(map(quote, columns)), types, bound)

    @property
    def as_rows(self) -> str:
        """For PostgreSQL, each column one array: always the same statement, however many rows there are."""
        return f"unnest({', '.join(f'%s::{type_}[]' for type_ in self.types)})"

    @property
    def as_arrays(self) -> tuple[list[Any], ...]:
        return tuple(map(list, self.columns))


@cache
def _type_name(type_: TypeEngine[Any], dialect: Dialect) -> str:
    # A collation belongs to the column, not to the values.
    return type_.compile(dialect).partition(" COLLATE ")[0]


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


def update_columns(
    session: Session, table: type[Base], ids: Sequence[int], columns: Mapping[str, Sequence[Any]]
) -> None:
    """The row of each id gets the values at its place."""
    _update(session, table, ids, columns, {})


def update_older_rows(
    session: Session,
    table: type[Base],
    ids: Sequence[int],
    columns: Mapping[str, Sequence[Any]],
    order: tuple[Any, Any],
) -> None:
    """The row of each id. One that a later run defined (`defined_at`, `defined_by`) stays as it is."""
    _update(session, table, ids, columns, {"defined_at": order[:1], "defined_by": order[1:]})


def _update(
    session: Session,
    table: type[Base],
    ids: Sequence[int],
    columns: Mapping[str, Sequence[Any]],
    limits: Mapping[str, Sequence[Any]],
) -> None:
    """`limits`: only rows where these columns, compared together, are below these values, one of each."""
    if not ids:
        return
    connection = session.connection()
    bound = _Bound.of(connection, table, {**columns, "id": ids})
    below = _Bound.of(connection, table, limits)
    update = _update_from_arrays if connection.dialect.name == "postgresql" else _update_each
    update(connection, bound, below)


def _update_from_arrays(connection: Connection, bound: _Bound, below: _Bound) -> None:
    assignments = ", ".join(f"{name} = new.{name}" for name in bound.names[:-1])
    limit = _limit(below, [f"old.{name}" for name in below.names], [f"%s::{type_}" for type_ in below.types])
    connection.exec_driver_sql(
        f"UPDATE {bound.table} AS old SET {assignments} "  # noqa: S608
        f"FROM {bound.as_rows} AS new ({', '.join(bound.names)}) WHERE old.id = new.id{limit}",
        (*bound.as_arrays, *chain(*below.columns)),
    )


def _update_each(connection: Connection, bound: _Bound, below: _Bound) -> None:
    assignments = ", ".join(f"{name} = ?" for name in bound.names[:-1])
    limit = _limit(below, below.names, ["?"] * len(below.names))
    statement = f"UPDATE {bound.table} SET {assignments} WHERE id = ?{limit}"  # noqa: S608
    rows = len(bound.columns[0])
    limits = [repeat(value, rows) for (value,) in below.columns]
    connection.exec_driver_sql(statement, list(zip(*bound.columns, *limits, strict=True)))


def _limit(below: _Bound, names: Sequence[str], places: Sequence[str]) -> str:
    return f" AND ({', '.join(names)}) < ({', '.join(places)})" if below.columns else ""


def ids_by(
    session: Session, column: InstrumentedAttribute[str], owner: InstrumentedAttribute[int], owner_id: int
) -> dict[str, int]:
    """Value of the column → id of its row, of all rows of that owner.

    Read from the driver: a large project holds tens of thousands.
    """
    cursor = session.connection().execute(_rows_of(column, owner), {"owner": owner_id}).cursor
    return dict(cursor.fetchall()) if cursor else {}


@cache
def _rows_of(column: InstrumentedAttribute[str], owner: InstrumentedAttribute[int]) -> Select[tuple[str, int]]:
    return select(column, column.class_.id).where(owner == bindparam("owner"))
