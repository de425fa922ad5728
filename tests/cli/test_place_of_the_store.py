"""In which folder the store is, and when none is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from small_ingests import ingested, typed

if TYPE_CHECKING:
    from pathlib import Path

SQLITE_ONLY = "the folder is that of SQLite's file: a PostgreSQL is named by its URL alone"


@pytest.mark.parametrize(
    "command",
    [
        ("issues",),
        ("issue", "1"),
        ("comment", "1", "text"),
        ("assign", "1", "Ada"),
        ("due", "1", "2999-01-01"),
        ("mute", "1", "--until", "2999-01-01"),
        ("unmute", "1"),
    ],
)
def test_asking_for_issues_makes_no_store(folder: Path, command: tuple[str, ...]) -> None:
    result = typed(*command)

    database = folder / ".qalita" / "qalita.db"
    where = f"({database}): ingest a run first, or name the store with QALITA_STORE"
    assert (result.exit_code, result.stderr) == (2, f"qalita ingest: no QALITA store here yet {where}\n")
    assert not database.parent.exists()


@pytest.mark.parametrize("below", ["", "example_dbt", "notebooks", "a/b/c"])
def test_everywhere_in_a_workspace_it_is_the_same_store(
    folder: Path, below: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".qalita-workspace").touch()
    (folder / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder / below)

    result = typed(
        "dbt",
        "--manifest",
        str(folder / "manifest.json"),
        "--results",
        str(folder / "run_results.json"),
        "--project",
        "air",
    )

    assert f"Store   {folder / '.qalita' / 'qalita.db'}" in result.output


def test_qalita_store_names_another_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", "elsewhere")

    ingested()

    assert (folder / "elsewhere" / "qalita.db").exists()


def test_a_store_whose_name_is_odd_is_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", "st?re #1 %d")

    assert ingested().exit_code == 0
    assert (folder / "st?re #1 %d" / "qalita.db").exists()


def test_a_home_folder_of_nobody_is_bad_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", "~nobody-of-that-name/store")

    result = ingested()

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("blank", [("--project", ""), ("--env", " ")])
def test_a_blank_name_is_refused(folder: Path, blank: tuple[str, str]) -> None:
    result = ingested(*blank)

    assert result.exit_code == 2
    assert not (folder / ".qalita").exists()
