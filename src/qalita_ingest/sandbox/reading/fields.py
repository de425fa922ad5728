"""What a view takes as it stands in the store: the columns that are called as its fields are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import msgspec
    from sqlalchemy import Row, Select

    from qalita_ingest.sandbox.database.model import Base

    View: TypeAlias = type[msgspec.Struct]
    Record: TypeAlias = Row[*tuple[Any, ...]]
    Records: TypeAlias = Select[*tuple[Any, ...]]


def fields_of_row(view: View, row: Record) -> dict[str, Any]:
    # SQLAlchemy's documented way to the columns of a row by name, in spite of the underscore.
    mapping = row._mapping  # noqa: SLF001
    return {name: value for name, value in mapping.items() if name in view.__struct_fields__}


def fields_of_entity(view: View, entity: Base) -> dict[str, Any]:
    return {name: getattr(entity, name) for name in view.__struct_fields__ if hasattr(entity, name)}
