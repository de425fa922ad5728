"""The workspace in a bundle: a repository of one commit that holds nothing of the machine that packed it."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workspaces import TOP, git, write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = "scripts/pack_workspace.py"
NOTEBOOK = "notebooks/00_start_here.ipynb"
FILES = {NOTEBOOK: "as it came\n", "scripts/run.sh": "#!/bin/sh\n", ".ci/run": "steps\n", ".gitignore": "*.duckdb\n"}
SECRET = "a-word-of-the-maker"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Of two commits, with a remote, something uncommitted, and a blank in its path."""
    folder = tmp_path / "a workspace"
    write_files(folder, {SCRIPT: (TOP / SCRIPT).read_text(encoding="utf-8"), "removed.txt": SECRET})
    git_init(folder)
    (folder / "removed.txt").unlink()
    write_files(folder, FILES)
    (folder / "scripts" / "run.sh").chmod(0o755)
    commit(folder)
    git(folder, "remote", "add", "origin", f"https://{SECRET}@example.org/workspace.git")
    write_files(folder, {NOTEBOOK: SECRET, "new.txt": SECRET, "kept.duckdb": SECRET})
    return folder


def git_init(folder: Path) -> None:
    git(folder, "init", "--quiet")
    commit(folder)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")


def packed(repository: Path, into: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, repository / SCRIPT, into]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.fixture
def unpacked(repository: Path, tmp_path: Path) -> Path:
    assert packed(repository, tmp_path / "workspace.tar.gz").returncode == 0
    with tarfile.open(tmp_path / "workspace.tar.gz") as archive:
        archive.extractall(tmp_path / "laptop", filter="data")
    return tmp_path / "laptop" / "qalita-workspace"


def asked(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", folder, *arguments], check=True, capture_output=True, text=True, errors="replace"
    ).stdout


def files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_it_holds_the_files_of_the_last_commit_and_no_others(unpacked: Path) -> None:
    there = {str(path.relative_to(unpacked)) for path in files_below(unpacked)}
    assert {name for name in there if not name.startswith(".git/")} == {*FILES, SCRIPT}
    assert (unpacked / NOTEBOOK).read_text() == FILES[NOTEBOOK]
    assert (unpacked / "scripts" / "run.sh").stat().st_mode & 0o111
    assert not (unpacked / NOTEBOOK).stat().st_mode & 0o111


def test_git_finds_nothing_changed_in_it_and_lists_its_files(unpacked: Path) -> None:
    assert asked(unpacked, "status", "--porcelain") == ""
    assert set(asked(unpacked, "ls-files").split()) == {*FILES, SCRIPT}
    assert asked(unpacked, "rev-list", "--count", "HEAD") == "1\n"


def test_git_checkout_brings_changed_and_lost_notebooks_back(unpacked: Path) -> None:
    for lose in (lambda path: path.write_text("half"), Path.unlink):
        lose(unpacked / NOTEBOOK)
        asked(unpacked, "checkout", "notebooks")
        assert (unpacked / NOTEBOOK).read_text() == FILES[NOTEBOOK]


def test_nothing_of_the_machine_that_packed_it_is_in_it(unpacked: Path, repository: Path) -> None:
    kept = b"".join(path.read_bytes() for path in files_below(unpacked))
    assert asked(unpacked, "remote") == ""
    assert str(repository).encode() not in kept
    assert SECRET.encode() not in kept
    assert not (unpacked / ".git" / "logs").exists()
    objects = asked(unpacked, "cat-file", "--batch-all-objects", "--batch")
    assert SECRET not in objects


def test_the_same_commit_is_packed_in_the_same_bytes_and_without_an_owner(repository: Path, tmp_path: Path) -> None:
    packed(repository, tmp_path / "one.tar.gz")
    (repository / NOTEBOOK).touch()
    packed(repository, tmp_path / "two.tar.gz")

    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "one.tar.gz") as archive:
        assert {(one.uid, one.gid, one.uname, one.gname) for one in archive} == {(0, 0, "", "")}


def test_that_something_is_not_committed_is_said(repository: Path, tmp_path: Path) -> None:
    into = tmp_path / "workspace.tar.gz"
    assert packed(repository, into).stdout == (
        "workspace.tar.gz holds the last commit, without what has changed since\n"
    )
    commit(repository)
    assert packed(repository, into).stdout == ""


def test_a_hook_of_git_that_packs_leads_to_no_other_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = asked(repository, "rev-parse", "--symbolic-full-name", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository / ".git" / "index"))
    ended = packed(repository, tmp_path / "workspace.tar.gz")
    monkeypatch.undo()

    assert ended.returncode == 0, ended.stderr
    assert asked(repository, "rev-parse", "--symbolic-full-name", "HEAD") == head
    assert NOTEBOOK in asked(repository, "ls-files")


def test_a_folder_that_is_no_repository_is_said_in_one_line(tmp_path: Path) -> None:
    write_files(tmp_path / "folder", {SCRIPT: (TOP / SCRIPT).read_text(encoding="utf-8")})

    ended = packed(tmp_path / "folder", tmp_path / "workspace.tar.gz")

    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("pack_workspace: git finds no commit to pack (fatal: ")
    assert not (tmp_path / "workspace.tar.gz").exists()
