import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from qalita_ingest.errors import StoreError
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.database.engine import HEAD_REVISION
from qalita_ingest.sandbox.database.migrations.upgrade import scripts
from qalita_ingest.sandbox.database.model import Base
from qalita_ingest.sandbox.settings import Settings


def test_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    open_database(settings).close()

    with create_engine(settings.database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_head_that_is_compared_without_alembic_is_the_newest_migration() -> None:
    assert scripts().get_current_head() == HEAD_REVISION


def test_opening_twice_keeps_what_is_there(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    open_database(settings).close()
    open_database(settings).close()

    with sqlite3.connect(settings.database_path) as connection:
        assert connection.execute("select version_num from alembic_version").fetchall() == [(HEAD_REVISION,)]


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    tables = list(Base.metadata.sorted_tables)
    # The last statement of the migration fails: a table of that name is there already.
    with sqlite3.connect(settings.database_path) as connection:
        connection.execute(f'create table "{tables[-1].name}" (id integer)')

    with pytest.raises(StoreError, match="already exists"):
        open_database(settings)

    with sqlite3.connect(settings.database_path) as connection:
        names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    assert names == {tables[-1].name}


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    open_database(settings).close()
    with sqlite3.connect(settings.database_path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    with pytest.raises(StoreError, match="newer version"):
        open_database(settings)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    settings.database_path.write_text("this is no database, and must not become one" * 100)

    with pytest.raises(StoreError, match=r"qalita\.db: the QALITA store can't be used: .*QALITA_STORE"):
        open_database(settings)


def test_a_store_under_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="QALITA_STORE"):
        open_database(Settings(store=tmp_path / "file" / "store"))
