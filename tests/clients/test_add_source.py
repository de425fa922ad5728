"""example_pack/add_source.sh: the open data in the client's own list of sources."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from vendor_clients import TOP

if TYPE_CHECKING:
    from pathlib import Path

    from vendor_clients import Client

STORES = ("sqlite",)


@pytest.fixture
def oddly_named(tmp_path: Path) -> Path:
    """A workspace whose path holds what shells and YAML take for something else."""
    top = tmp_path / "it's # a: work space"
    top.mkdir()
    shutil.copytree(TOP / "example_pack", top / "example_pack", ignore=shutil.ignore_patterns("*_pack"))
    (top / "example_dbt").mkdir()
    return top


def add(workspace: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [workspace / "example_pack" / "add_source.sh"],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def listed(home: Path) -> Path:
    return home / ".qalita" / "sources-conf.yaml"


def test_a_second_run_says_that_the_source_is_there_and_changes_nothing(oddly_named: Path, tmp_path: Path) -> None:
    assert add(oddly_named, tmp_path).returncode == 0
    written = listed(tmp_path).read_bytes()
    assert yaml.safe_load(written)["sources"][0]["config"] == {"path": str(oddly_named / "example_dbt")}

    again = add(oddly_named, tmp_path)

    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == f"{listed(tmp_path)} names {oddly_named / 'example_dbt'} already\n"
    assert listed(tmp_path).read_bytes() == written


@pytest.mark.parametrize("path", ["/elsewhere", "{project}_of_another", "/copies{project}"])
def test_a_list_without_the_source_is_left_alone_and_refused(oddly_named: Path, tmp_path: Path, path: str) -> None:
    named = path.format(project=oddly_named / "example_dbt")
    listed(tmp_path).parent.mkdir()
    listed(tmp_path).write_text(yaml.safe_dump({"sources": [{"name": "own", "config": {"path": named}}]}))
    written = listed(tmp_path).read_bytes()

    refused = add(oddly_named, tmp_path)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "copy the entry" in refused.stderr
    assert listed(tmp_path).read_bytes() == written


@pytest.mark.slow
def test_the_source_is_known_in_the_list_that_the_client_wrote_anew(client: Client, workspace: Path) -> None:
    before = client.sources_file.read_bytes()
    client.run("source", "push")
    assert client.sources_file.read_bytes() != before

    again = add(workspace, client.home)

    assert (again.returncode, again.stderr) == (0, "")
