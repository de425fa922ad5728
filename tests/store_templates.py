"""Stores to begin with: an empty SQLite to copy, as migrations take longer than most tests, and how one is named."""

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


def variables_of(settings: Settings) -> dict[str, str]:
    """What users set so that a program takes this store."""
    named = {"QALITA_STORE": str(settings.store)}
    return named | ({"QALITA_DATABASE_URL": settings.url.render_as_string(hide_password=False)} if settings.url else {})
