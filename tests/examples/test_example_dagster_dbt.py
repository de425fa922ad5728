"""How example_dagster starts dbt: as seldom as can be, since each start takes seconds."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
from dagster_dbt import DbtCliResource

from airquality_workspaces import AirqualityWorkspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from example_copies import ExampleCopy


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory, built: ExampleCopy) -> Iterator[Any]:
    """Of a copy."""
    workspace = AirqualityWorkspace(tmp_path_factory.mktemp("workspace"), built)
    own = {path.stem for path in workspace.dagster.iterdir() if path.is_dir()}
    _forget(own)
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(workspace.environment):
            patch.delenv(name)
        patch.syspath_prepend(str(workspace.dagster))
        yield importlib.import_module("assets")
    _forget(own)


def _forget(modules: set[str]) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in modules]:
        del sys.modules[name]


def test_dbt_is_not_started_to_tell_its_version(assets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """dagster-dbt asks there, in each run; `dbt --version` also looks at the package index."""
    assert hasattr(DbtCliResource, "_cli_version")
    monkeypatch.setattr("dagster_dbt.core.resource.check_output", None)
    assert str(assets.dbt_resource()._cli_version) == version("dbt-core")  # noqa: SLF001


def test_the_tests_get_what_the_build_has_parsed(assets: Any, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "partial_parse.msgpack").write_bytes(b"parsed")
    sys.modules["assets.opendata_dbt"].hand_on_what_was_parsed(tmp_path)
    assert (tmp_path / "test" / "partial_parse.msgpack").read_bytes() == b"parsed"


def test_where_dbt_keeps_nothing_that_it_parsed_nothing_is_handed_on(assets: Any, tmp_path: Path) -> None:
    sys.modules["assets.opendata_dbt"].hand_on_what_was_parsed(tmp_path)
    assert list(tmp_path.iterdir()) == []
