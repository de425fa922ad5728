from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smallest_artifacts import write_artifacts
from wrapped_commands import Shop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the smallest files of dbt in it."""
    monkeypatch.chdir(tmp_path)
    write_artifacts(tmp_path)
    return tmp_path


@pytest.fixture
def built_shop(tmp_path: Path) -> Shop:
    """Its files of dbt lie beside `target`: a command copies them there."""
    folder = tmp_path / "shop"
    (folder / "target").mkdir(parents=True)
    write_artifacts(folder)
    return Shop(folder)
