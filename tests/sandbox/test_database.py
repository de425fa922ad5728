import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, select

from qalita_ingest.errors import StoreError
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.database.engine import HEAD_REVISION
from qalita_ingest.sandbox.database.migrations.upgrade import scripts, upgrade
from qalita_ingest.sandbox.database.model import Base, Dataset
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

    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
        assert connection.execute("select version_num from alembic_version").fetchall() == [(HEAD_REVISION,)]


def test_a_store_of_the_first_version_keeps_its_rows(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    with create_engine(settings.database_url).begin() as connection:
        upgrade(connection, "0001")
    with closing(sqlite3.connect(settings.database_path)) as store, store:
        store.execute("insert into projects values (1, 'opendata_dbt')")
        store.execute("insert into sources values (1, 1, 'duckdb', 'duckdb', null)")
        store.execute(
            "insert into datasets values (1, 1, 1, 'model.a', 'a', 'model', null, null, null, '[]', '[]', '[]', "
            "'2026-01-01', 'i')"
        )

    database = open_database(settings)

    with database.reading() as session:
        (dataset,) = session.scalars(select(Dataset))
        assert (dataset.key, dataset.meta, dataset.path) == ("model.a", {}, None)
    database.close()


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    tables = list(Base.metadata.sorted_tables)
    # The last statement of the migration fails: a table of that name is there already.
    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
        connection.execute(f'create table "{tables[-1].name}" (id integer)')

    with pytest.raises(StoreError, match="already exists"):
        open_database(settings)

    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
        names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    assert names == {tables[-1].name}


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    open_database(settings).close()
    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
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
