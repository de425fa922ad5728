"""What a served sandbox has from its first start on."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qalita_ingest.errors import SettingsError
from qalita_ingest.sandbox.clients.provision import OPEN_DATA, PackFolder, pack_folder, provision
from sandbox.clients.conftest import plain_archive

if TYPE_CHECKING:
    from sandbox.clients.conftest import Caller

STORES = ("sqlite", "postgresql")
TOP = Path(__file__).resolve().parents[3]
EXAMPLE = TOP / "example_pack" / "opendata_dbt_pack"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / EXAMPLE.name, ignore=shutil.ignore_patterns("wheels")))


def give(caller: Caller, pack: PackFolder | None = None) -> None:
    provision(caller.sandbox.client.app.state.database, pack, NOW)


def packs(caller: Caller) -> list[tuple[Any, ...]]:
    return [
        (pack["id"], pack["name"], [one["sem_ver_id"] for one in pack["versions"]])
        for pack in caller.get("/api/v2/packs").json()
    ]


def test_source_1_is_the_open_data_and_pack_1_the_folder(caller: Caller, folder: Path) -> None:
    give(caller, PackFolder(folder))

    (source,) = caller.get("/api/v2/sources").json()
    assert (source["id"], source["name"], packs(caller)) == (1, "opendata", [(1, "opendata_dbt", ["1.0.0"])])


def test_without_a_pack_there_is_only_the_source(caller: Caller) -> None:
    give(caller)

    assert (len(caller.get("/api/v2/sources").json()), packs(caller)) == (1, [])


def test_a_second_start_changes_nothing(caller: Caller, folder: Path) -> None:
    give(caller, PackFolder(folder))
    before = [caller.get(path).json() for path in ("/api/v2/sources", "/api/v2/packs")]

    give(caller, PackFolder(folder))

    assert [caller.get(path).json() for path in ("/api/v2/sources", "/api/v2/packs")] == before


def test_what_somebody_said_of_the_source_stays(caller: Caller) -> None:
    give(caller)
    caller.put("/api/v2/sources/1", description="mine")

    give(caller)

    assert caller.get("/api/v2/sources/1").json()["description"] == "mine"


def test_a_higher_version_of_the_pack_is_added(caller: Caller, folder: Path) -> None:
    give(caller, PackFolder(folder))
    properties = folder / "properties.yaml"
    properties.write_text(properties.read_text().replace("1.0.0", "1.1.0"))

    give(caller, PackFolder(folder))

    assert packs(caller) == [(1, "opendata_dbt", ["1.0.0", "1.1.0"])]


def test_changed_files_of_the_same_version_replace_its_archive(caller: Caller, folder: Path) -> None:
    give(caller, PackFolder(folder))
    old = caller.get("/api/v2/packs/1").json()["versions"][0]["asset_id"]
    (folder / "main.py").write_text("print('changed')")

    give(caller, PackFolder(folder))

    new = caller.get("/api/v2/packs/1").json()["versions"][0]["asset_id"]
    assert caller.get(f"/api/v1/assets/{new}/fetch").content == PackFolder(folder).archive()
    assert (packs(caller), caller.get(f"/api/v2/assets/{old}").status_code) == ([(1, "opendata_dbt", ["1.0.0"])], 404)


def test_a_pack_that_a_client_pushed_is_known_again(caller: Caller, folder: Path) -> None:
    # Clients write blanks for underscores.
    caller.pack(name="opendata dbt")
    asset = caller.archive(plain_archive("opendata_dbt"), "opendata_dbt.tar.gz").json()["id"]
    caller.put(f"/api/v1/packs/1/version?sem_ver_id=1.0.0&asset_id={asset}")

    give(caller, PackFolder(folder))

    assert packs(caller) == [(1, "opendata dbt", ["1.0.0"])]


def test_the_same_files_are_the_same_archive(folder: Path) -> None:
    first = PackFolder(folder).archive()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "main.pyc").write_bytes(b"x")
    (folder / "run.sh").touch()

    assert PackFolder(folder).archive() == first


def test_properties_are_those_of_the_file(folder: Path) -> None:
    written = yaml.safe_load((folder / "properties.yaml").read_text())

    assert PackFolder(folder).properties == written


def test_the_source_is_that_of_the_workspaces_file() -> None:
    (entry,) = yaml.safe_load((TOP / "example_pack" / "sources-conf.yaml").read_text())["sources"]

    assert {name: entry[name] for name in OPEN_DATA.model_dump()} == OPEN_DATA.model_dump()


def test_without_the_variable_there_is_no_pack() -> None:
    assert pack_folder({}) is None


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (
            shutil.rmtree,
            "properties.yaml: No such file or directory; is it the folder of a pack?",
        ),
        (lambda folder: (folder / "properties.yaml").write_text("name: x\n"), "expected a folder <name>_pack"),
        (
            lambda folder: (folder / "properties.yaml").write_text('name: opendata_dbt\nversion: "1.0"\n'),
            "properties.yaml: version: expected X.Y.Z, found '1.0'",
        ),
    ],
)
def test_a_folder_that_is_no_pack_is_refused(folder: Path, break_it: Any, message: str) -> None:
    break_it(folder)

    with pytest.raises(SettingsError, match="QALITA_SANDBOX_PACK: ") as refused:
        pack_folder({"QALITA_SANDBOX_PACK": str(folder)})
    assert message in str(refused.value)


def test_a_setting_of_the_pack_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / "pack_conf.json").write_text("{")

    with pytest.raises(SettingsError, match=r"pack_conf\.json: not JSON"):
        PackFolder(folder).about()
