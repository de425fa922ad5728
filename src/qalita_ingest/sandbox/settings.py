"""Where the sandbox keeps its store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import URL

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """`store` is the folder of the store; it is made when it does not exist."""

    store: Path

    @property
    def database_path(self) -> Path:
        return self.store / "qalita.db"

    @property
    def database_url(self) -> URL:
        return URL.create("sqlite+pysqlite", database=str(self.database_path))
