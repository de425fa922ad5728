from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import select

from environments import wheelhouse
from qalita_ingest.sandbox.access import Role
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.server import open_store
from server_process import ServerProcess, server_process
from store_templates import variables_of
from vendor_clients import LATEST, RELEASES, TOP, Client, Release, add_source, copy_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qalita_ingest.sandbox.settings import Settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL one release is enough: how the others call is the same on any store."""
    items[:] = [item for item in items if not _is_repeated(item)]


def _is_repeated(item: pytest.Item) -> bool:
    chosen = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return chosen.get("store_kind") == "postgresql" and chosen.get("release", LATEST) != LATEST


@dataclass
class Server:
    """The real server, what it answers, and what is in its store."""

    process: ServerProcess
    token: str
    http: httpx2.Client

    @property
    def url(self) -> str:
        return self.process.url

    def get(self, path: str) -> Any:
        response = self.http.get(path)
        response.raise_for_status()
        return response.json()

    def content(self, asset_id: int) -> bytes:
        return self.http.get(f"/api/v1/assets/{asset_id}/fetch").content

    def named(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [one for one in self.get(f"/api/v2/{kind}") if one["name"].replace(" ", "_") == name]

    def rows(self, model: type[Any], *conditions: Any) -> list[dict[str, Any]]:
        """From the store itself."""
        database = open_database(self.process.settings)
        with database.reading() as session:
            found = session.execute(select(*model.__table__.columns).where(*conditions).order_by(model.id))
            rows = [dict(row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's name for it)
        database.close()
        return rows


@pytest.fixture(scope="session")
def pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example pack with its wheel, as `make sandbox` names it."""
    folder = tmp_path_factory.mktemp("pack") / "opendata_dbt_pack"
    shutil.copytree(TOP / "example_pack" / folder.name, folder, ignore=shutil.ignore_patterns("wheels"))
    variables = os.environ | {"VENV": str(Path(sys.executable).parent.parent)}
    subprocess.run([TOP / "scripts" / "build_pack.sh", folder], env=variables, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def server(store_of_module: Callable[[], Settings], pack_folder: Path) -> Iterator[Server]:
    """A fresh sandbox, one for the tests of a module."""
    settings = store_of_module()
    with server_process(settings.store, database_url=settings.url, QALITA_SANDBOX_PACK=str(pack_folder)) as process:
        opened = open_store(variables_of(settings))
        issued = opened.tokens.issue("tester", Role.DATAENGINEER, now=datetime.now(UTC), days=1)
        opened.database.close()
        with httpx2.Client(base_url=process.url, headers={"Authorization": f"Bearer {issued.token}"}) as http:
            yield Server(process, issued.token, http)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """example_pack beside example_dbt."""
    top = tmp_path_factory.mktemp("workspace")
    shutil.copytree(TOP / "example_pack", top / "example_pack", ignore=shutil.ignore_patterns("*_pack"))
    (top / "example_dbt").symlink_to(TOP / "example_dbt")
    return top


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What lets the example pack install the library without an index; all homes share what it makes."""
    top = tmp_path_factory.mktemp("wheels")
    return {
        "QALITA_PACK_WHEELS": str(wheelhouse(top / "house", "qalita-ingest")),
        "XDG_CACHE_HOME": str(top / "cache"),
        "PIP_INDEX_URL": "http://127.0.0.1:9",
    }


@pytest.fixture(scope="module", params=RELEASES, ids=lambda release: release.version)
def release(request: pytest.FixtureRequest) -> Release:
    found: Release = request.param
    if not found.script.exists():
        reason = f"QALITA's own client {found.version} is not installed: {found.how_to_install}"
        if request.config.getoption("--expect-clients"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def stranger(release: Release, server: Server, workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A client that knows the open data, and has not logged in."""
    home = tmp_path_factory.mktemp("home")
    add_source(home, workspace)
    return Client(release, home, server.url, server.token, f"worker-{release.version}")


@pytest.fixture(scope="module")
def logged_in(stranger: Client, tmp_path_factory: pytest.TempPathFactory) -> Client:
    client = Client(**{**vars(stranger), "home": copy_home(stranger.home, tmp_path_factory.mktemp("in") / "home")})
    client.work("login")
    return client


@pytest.fixture
def client(logged_in: Client, tmp_path: Path) -> Client:
    """Logged in, in a home of its own."""
    return Client(**{**vars(logged_in), "home": copy_home(logged_in.home, tmp_path / "home")})
