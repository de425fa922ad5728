"""The store: SQLAlchemy models, migrations, and the one way to open it."""

from qalita_ingest.sandbox.database.bulk import (
    columns_of,
    ids_by,
    insert_columns,
    insert_row,
    update_columns,
    update_older_rows,
)
from qalita_ingest.sandbox.database.engine import Database, open_database
from qalita_ingest.sandbox.database.faults import is_of_another_version, is_refused, words_for

__all__ = [
    "Database",
    "columns_of",
    "ids_by",
    "insert_columns",
    "insert_row",
    "is_of_another_version",
    "is_refused",
    "open_database",
    "update_columns",
    "update_older_rows",
    "words_for",
]
