from __future__ import annotations

import pytest

from workspaces import Done, Workspace, clone


@pytest.fixture(scope="session")
def cloned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Done]:
    """The clone and what the first `make all` printed."""
    workspace = Workspace(tmp_path_factory.mktemp("clone") / "workspace", tmp_path_factory.mktemp("home"))
    clone(workspace.folder)
    return workspace, workspace.make("all")


@pytest.fixture
def workspace(cloned: tuple[Workspace, Done]) -> Workspace:
    return cloned[0]
