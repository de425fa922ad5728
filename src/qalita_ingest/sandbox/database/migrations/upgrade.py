"""Run the migrations on an open connection: the caller's transaction makes them all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from qalita_ingest.errors import StoreError
from qalita_ingest.sandbox.database.model import Base

if TYPE_CHECKING:
    from alembic.migration import MigrationContext
    from sqlalchemy import Connection


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Raises `StoreError` for a store that a newer version of the library has written."""
    directory = scripts()

    def steps(current: Any, _context: MigrationContext) -> Any:
        return directory._upgrade_revs(revision, current)  # noqa: SLF001 (what alembic.command.upgrade does)

    environment = EnvironmentContext(Config(), directory, fn=steps)
    environment.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        # The caller's transaction holds; alembic must not commit in between.
        transaction_per_migration=False,
    )
    try:
        environment.run_migrations()
    except CommandError as error:
        raise StoreError(f"the QALITA store was written by a newer version ({error}); update this library") from None
