"""Fixtures that give tests a store of their own: in SQLite, and in PostgreSQL where their module asks for it."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from postgresql_server import PostgresqlServer, postgresql_server
from qalita_ingest.sandbox.settings import Settings
from sandboxes import Sandbox, open_sandbox
from store_templates import lay_store, variables_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@event.listens_for(Pool, "checkout")
def wait_for_no_disk(connection: Any, *_others: Any) -> None:
    """No test of this process cuts the power: what a commit has handed to the system is as good as on the disk."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module whose `STORES` names kinds runs its tests of the store on each; others say why not in `SQLITE_ONLY`."""
    if "store_kind" not in metafunc.fixturenames:
        return
    if kinds := getattr(metafunc.module, "STORES", None):
        metafunc.parametrize("store_kind", kinds, indirect=True, scope="module")
    elif not getattr(metafunc.module, "SQLITE_ONLY", None):
        pytest.fail('write STORES = ("sqlite", "postgresql"), or SQLITE_ONLY = "why"', pytrace=False)


@pytest.fixture(scope="module")
def store_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite`, or `postgresql`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    with postgresql_server() as server:
        yield server


@contextmanager
def stores(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], Settings]]:
    """Each call gives another store without a row; they go when the block ends."""
    numbers = itertools.count()
    with ExitStack() as closing:

        def make() -> Settings:
            own = folder / f"store{next(numbers) or ''}"
            if kind == "sqlite":
                return lay_store(Settings(own))
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            return Settings(own, closing.enter_context(server.fresh_store()))

        yield make


@pytest.fixture
def new_store(store_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], Settings]]:
    """Each call gives another store without a row; they go when the test ends."""
    with stores(store_kind, tmp_path, request) as make:
        yield make


@pytest.fixture(scope="module")
def store_of_module(
    store_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Settings]]:
    """As `new_store`, for what the tests of a module look at and none of them changes."""
    with stores(store_kind, tmp_path_factory.mktemp("module"), request) as make:
        yield make


@pytest.fixture
def empty_store(store_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Without a table: SQLite's folder does not exist yet."""
    if store_kind == "sqlite":
        yield Settings(tmp_path / "store")
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.empty_database() as url:
        yield Settings(tmp_path / "store", url)


@pytest.fixture
def named_store(new_store: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A store without a row, which the environment of the test names as users do."""
    settings = new_store()
    for name, value in variables_of(settings).items():
        monkeypatch.setenv(name, value)
    return settings


@pytest.fixture
def sandbox(new_store: Callable[[], Settings]) -> Iterator[Sandbox]:
    settings = new_store()
    with open_sandbox(settings.store, settings.url) as opened:
        yield opened
