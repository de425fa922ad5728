"""The store: SQLAlchemy models, migrations, and the one way to open it."""

from qalita_ingest.sandbox.database.bulk import insert_rows, update_older_rows, values_of
from qalita_ingest.sandbox.database.engine import Database, open_database

__all__ = ["Database", "insert_rows", "open_database", "update_older_rows", "values_of"]
