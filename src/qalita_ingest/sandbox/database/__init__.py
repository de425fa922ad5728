"""The store: SQLAlchemy models, migrations, and the one way to open it."""

from qalita_ingest.sandbox.database.engine import Database, open_database

__all__ = ["Database", "open_database"]
