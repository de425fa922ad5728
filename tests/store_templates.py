"""An empty SQLite store to copy: running all migrations for each test takes longer than most tests."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings

# It goes with the process.
_KEPT = TemporaryDirectory(prefix="store-template-")


@cache
def _template() -> Path:
    settings = Settings(Path(_KEPT.name))
    open_database(settings).close()
    return settings.database_path


def lay_store(settings: Settings) -> Settings:
    """All tables and no row, as the first start leaves them; a store that is there stays, and so does a PostgreSQL."""
    if settings.url is None and not settings.database_path.exists():
        settings.store.mkdir(parents=True, exist_ok=True)
        shutil.copy(_template(), settings.database_path)
    return settings
