"""Where the sandbox keeps its store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    def database_url(self) -> str:
        return f"sqlite+pysqlite:///{self.database_path}"
