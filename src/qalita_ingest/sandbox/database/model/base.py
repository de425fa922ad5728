"""Base class, naming convention and the column types that all tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Named constraints can be changed by a migration; anonymous ones can't.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in and out: SQLite forgets the zone, so it is taken off and put back here."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value else None


def characters(length: int | None = None) -> String:
    """Text of any length, in the order of its code points: as SQLite keeps it, whatever length it is told.

    PostgreSQL would refuse what is longer, and sort by the rules of a language.
    """
    return (String(length) if length else Text()).with_variant(Text(collation="C"), "postgresql")


def whole() -> Integer:
    """An integer of 64 bits, as every one of SQLite is."""
    return Integer().with_variant(BigInteger(), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        int: whole(),
        datetime: UtcDateTime,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }


Id = Annotated[int, mapped_column(primary_key=True)]
Word = Annotated[str, mapped_column(characters(40))]
Name = Annotated[str, mapped_column(characters(255))]
Key = Annotated[str, mapped_column(characters(512))]
LongText = Annotated[str, mapped_column(characters())]
