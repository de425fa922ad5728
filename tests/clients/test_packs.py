"""`pack …` of the real clients, against the real server."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from vendor_clients import write_probe

if TYPE_CHECKING:
    from pathlib import Path

    from clients.conftest import Server
    from vendor_clients import Client

pytestmark = pytest.mark.slow
STORES = ("sqlite", "postgresql")


def push(client: Client, folder: Path, name: str, version: str = "1.0.0") -> str:
    return client.run("pack", "push", "-n", name, folder=write_probe(folder, name, version))


def versions(pack: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["sem_ver_id"] for one in pack["versions"]]


def test_a_fresh_sandbox_lists_the_example_as_pack_1(client: Client) -> None:
    (line,) = [line for line in client.run("pack", "list").splitlines() if "opendata_dbt" in line]

    assert line.split()[:2] == ["1", "opendata_dbt"]


def test_pushing_a_new_pack_publishes_it_with_its_archive(client: Client, server: Server, tmp_path: Path) -> None:
    name = f"new_{client.release.word}"

    push(client, tmp_path, name)

    (pack,) = server.named("packs", name)
    (version,) = pack["versions"]
    with tarfile.open(fileobj=io.BytesIO(server.content(version["asset_id"]))) as archive:
        assert f"{name}_pack/run.sh" in archive.getnames()
    assert (version["sem_ver_id"], pack["description"]) == ("1.0.0", "a probe")


def test_pushing_the_same_version_again_adds_none(client: Client, server: Server, tmp_path: Path) -> None:
    name = f"same_{client.release.word}"
    push(client, tmp_path, name)
    before = server.named("packs", name)

    push(client, tmp_path, name)

    (after,) = server.named("packs", name)
    assert after["versions"] == before[0]["versions"]


def test_pushing_a_higher_version_adds_it(client: Client, server: Server, tmp_path: Path) -> None:
    name = f"higher_{client.release.word}"
    push(client, tmp_path, name)

    push(client, tmp_path, name, "1.1.0")

    (pack,) = server.named("packs", name)
    assert versions(pack) == ["1.0.0", "1.1.0"]
