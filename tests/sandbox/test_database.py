"""The store is opened, made and brought to this version on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Connection, NullPool, create_engine, inspect, select, text

from qalita_ingest.errors import StoreError
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.database.engine import HEAD_REVISION
from qalita_ingest.sandbox.database.migrations.upgrade import scripts, upgrade
from qalita_ingest.sandbox.database.model import Base, Dataset
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORES = ("sqlite", "postgresql")


@contextmanager
def changing(settings: Settings) -> Iterator[Connection]:
    """The database itself, past all of ours."""
    settings.store.mkdir(exist_ok=True)
    with create_engine(settings.database_url, poolclass=NullPool).begin() as connection:
        yield connection


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with changing(settings) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def differs_by_default(
    _context: Any, _found: Any, column: Any, found: str | None, _meant: Any, meant: str
) -> bool | None:
    """None is alembic's own comparison; it asks PostgreSQL, which does not compare values of JSON."""
    is_json = isinstance(column.type, JSON) and meant
    return (found or "").removesuffix("::json").strip("'") != meant.strip("'") if is_json else None


def test_migrations_make_the_tables_of_the_models(empty_store: Settings) -> None:
    open_database(empty_store).close()

    with changing(empty_store) as connection:
        compared = {"compare_type": True, "compare_server_default": differs_by_default}
        context = MigrationContext.configure(connection, opts=compared)
        assert compare_metadata(context, Base.metadata) == []


def test_the_file_of_the_store_and_those_beside_it_are_for_their_owner_alone(tmp_path: Path) -> None:
    opened = open_database(Settings(tmp_path / "store"))
    with opened.writing() as session:
        session.execute(text("select 1"))

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "store").iterdir()}
    opened.close()
    assert modes == dict.fromkeys(("qalita.db", "qalita.db-shm", "qalita.db-wal"), "0o600")


def test_the_head_that_is_compared_without_alembic_is_the_newest_migration() -> None:
    assert scripts().get_current_head() == HEAD_REVISION


def test_opening_twice_keeps_what_is_there(empty_store: Settings) -> None:
    open_database(empty_store).close()
    open_database(empty_store).close()

    assert rows(empty_store, "select version_num from alembic_version") == [(HEAD_REVISION,)]


def test_a_store_of_the_first_version_keeps_its_rows(empty_store: Settings) -> None:
    with changing(empty_store) as connection:
        upgrade(connection, "0001")
        connection.execute(text("insert into projects values (1, 'opendata_dbt')"))
        connection.execute(text("insert into sources values (1, 1, 'duckdb', 'duckdb', null)"))
        connection.execute(
            text(
                "insert into datasets values (1, 1, 1, 'model.a', 'a', 'model', null, null, null, '[]', '[]', '[]', "
                "'2026-01-01', 'i')"
            )
        )

    database = open_database(empty_store)

    with database.reading() as session:
        (dataset,) = session.scalars(select(Dataset))
        assert (dataset.key, dataset.meta, dataset.path) == ("model.a", {}, None)
    database.close()


def test_a_failed_migration_leaves_nothing_behind(empty_store: Settings) -> None:
    # The last statement of the migration fails: a table of that name is there already.
    last = Base.metadata.sorted_tables[-1].name
    with changing(empty_store) as connection:
        connection.execute(text(f'create table "{last}" (id integer)'))

    with pytest.raises(StoreError, match=r"^[^\n]*already exists[^\n]*$"):
        open_database(empty_store)

    with changing(empty_store) as connection:
        assert inspect(connection).get_table_names() == [last]


def test_a_store_of_a_newer_version_is_refused_and_left_alone(empty_store: Settings) -> None:
    open_database(empty_store).close()
    with changing(empty_store) as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(StoreError, match="newer version"):
        open_database(empty_store)

    assert rows(empty_store, "select version_num from alembic_version") == [("9999",)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    settings.database_path.write_text("this is no database, and must not become one" * 100)

    with pytest.raises(StoreError, match=r"qalita\.db: the QALITA store can't be used: .*QALITA_STORE"):
        open_database(settings)


def test_a_store_under_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="QALITA_STORE"):
        open_database(Settings(store=tmp_path / "file" / "store"))
