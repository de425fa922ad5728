"""The folder a notebook works in, and what of a learner's settings reaches it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from notebook_runs import OF_A_LEARNER, TOP
from qalita_walkthrough.languages import Words, choose_language, with_french_spaces
from qalita_walkthrough.plain_errors import WalkthroughError
from qalita_walkthrough.scratch import edition_of, find_top, make_anew, open_workspace, set_environment


def workspace(folder: Path) -> Path:
    (folder / ".qalita-workspace").touch()
    for name in ("notebooks/fr/solutions", "notebooks/solutions", ".work/notebooks/00/example_dbt"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.mark.parametrize("start", [".", "notebooks", "notebooks/fr/solutions", ".work/notebooks/00/example_dbt"])
def test_the_workspace_is_found_from_wherever_in_it_a_notebook_starts(start: str, tmp_path: Path) -> None:
    assert find_top(workspace(tmp_path) / start) == tmp_path


def test_outside_of_any_workspace_the_one_of_the_installed_code_is_taken(tmp_path: Path) -> None:
    assert find_top(tmp_path) == TOP


@pytest.mark.parametrize(
    ("start", "language"),
    [("notebooks", 0), ("notebooks/solutions", 0), ("notebooks/fr", 1), ("notebooks/fr/solutions", 1), (".", 0)],
)
def test_the_language_is_that_of_the_folder(start: str, language: int, tmp_path: Path) -> None:
    words = Words("yes", "oui")
    choose_language(edition_of(workspace(tmp_path) / start, tmp_path))
    assert str(words) == words[language]
    choose_language(Path())


@pytest.mark.parametrize("edition", [".", "fr", "solutions", "fr/solutions"])
def test_each_edition_has_a_folder_of_its_own_also_when_the_workspace_is_opened_again(
    edition: str, tmp_path: Path
) -> None:
    assert edition_of(tmp_path / "notebooks" / edition, tmp_path) == Path(edition)
    again = tmp_path / ".work" / "notebooks" / edition / "05_ingest" / "example_dbt"
    assert edition_of(again, tmp_path) == Path(edition)


def test_who_looks_up_a_solution_keeps_what_the_exercise_has_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = workspace(tmp_path)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for example in ("example_dbt/profiles.yml", "notebooks/05_ingest.ipynb"):
        (top / example).parent.mkdir(exist_ok=True)
        (top / example).write_text("threads: 2\n")
    opened = []
    for edition in (".", "solutions", "fr", "fr/solutions"):
        monkeypatch.chdir(top / "notebooks" / edition)
        open_workspace("05_ingest")
        opened.append(Path.cwd())
        Path("at_hand").touch()
    assert all((folder / "at_hand").exists() for folder in opened)
    choose_language(Path())


def test_the_copy_is_new_each_time_and_without_what_was_produced(tmp_path: Path) -> None:
    top, scratch = tmp_path / "top", tmp_path / "scratch"
    for name in ("profiles.yml", "opendata.duckdb", "target/manifest.json", "seeds/a.csv", ".env"):
        (top / "example_dbt" / name).parent.mkdir(parents=True, exist_ok=True)
        (top / "example_dbt" / name).write_text("threads: 2\n")
    make_anew(scratch, top, ("example_dbt",))
    (scratch / "left_over").touch()
    make_anew(scratch, top, ("example_dbt",))
    files = {str(path.relative_to(scratch)) for path in scratch.rglob("*") if path.is_file()}
    assert files == {"example_dbt/profiles.yml", "example_dbt/seeds/a.csv"}


def test_dbt_works_in_one_thread_so_that_its_lines_come_in_order(tmp_path: Path) -> None:
    make_anew(tmp_path / "scratch", TOP, ("example_dbt",))
    assert "threads: 1\n" in (tmp_path / "scratch" / "example_dbt" / "profiles.yml").read_text()


def test_nothing_of_a_learner_s_own_settings_is_obeyed(tmp_path: Path) -> None:
    environ = dict(OF_A_LEARNER) | {"PATH": "/usr/bin", "PIP_INDEX_URL": "https://mirror.example.org"}
    set_environment(environ, tmp_path)
    assert {name for name in OF_A_LEARNER if environ.get(name) == OF_A_LEARNER[name]} == set()
    assert environ["QALITA_STORE"] == str(tmp_path / ".qalita")
    assert environ["PIP_INDEX_URL"] == "https://mirror.example.org"


def test_the_programs_of_the_environment_come_first_and_once(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin"}
    set_environment(environ, tmp_path)
    set_environment(environ, tmp_path)
    first, *others = environ["PATH"].split(os.pathsep)
    assert (Path(first) / "dbt").exists()
    assert others == ["/usr/bin"]


def test_an_error_is_shown_as_its_message() -> None:
    assert WalkthroughError("one line")._render_traceback_() == ["one line"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Voici : le « score » !", "Voici\u00a0: le «\u00a0score\u00a0»\u00a0!"),
        ("15 955 lignes, 5 %", "15\u202f955 lignes, 5\u00a0%"),
        ("`select 1 : 2` : oui", "`select 1 : 2`\u00a0: oui"),
        ("en 2016 et 3 jours", "en 2016 et 3 jours"),
        ("**La suite :** ici", "**La suite\u00a0:** ici"),
    ],
)
def test_french_gets_its_no_break_spaces_outside_of_code(typed: str, shown: str) -> None:
    assert with_french_spaces(typed) == shown
