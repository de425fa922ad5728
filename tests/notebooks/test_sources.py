"""The notebooks are what their sources say, in both languages, and hold nothing that is not compared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from notebook_runs import NOTEBOOKS, SOURCES, STAGES, TOP, read
from script_modules import load_script

EDITIONS = ("", "solutions", "fr", "fr/solutions")
NOTEBOOK_FILES = [NOTEBOOKS / folder / f"{stage}.ipynb" for stage in STAGES for folder in EDITIONS]
WORD = re.compile(r"[a-zà-ÿ]{3,}", re.IGNORECASE)
CODE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)", re.DOTALL)
MACHINES = re.compile(r"/(?:root|work|Users|home/\w+)/")
# Numbers, shares, durations and moments of the data, as outputs hold them.
BARE = ["42", "3.14", "15,955", "15955", "95.4 %", "0.95", "86 hours", "2016-09-01 00:00", "2017-06-10 23:00", "12:30"]


@pytest.fixture(scope="module")
def builder() -> Any:
    return load_script(TOP / "scripts" / "build_notebooks.py")


def code_of(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def texts_of(path: Path) -> dict[str, str]:
    return {cell.id: cell.source for cell in read(path).cells if cell.cell_type == "markdown"}


def has_words(text: str) -> bool:
    return bool(WORD.search(CODE.sub("", text)))


def patterns() -> list[str]:
    return re.findall(r"^regex: (.*)$", (NOTEBOOKS / "sanitize.cfg").read_text(encoding="utf-8"), re.MULTILINE)


def copy_of_the_first_stage(folder: Path) -> Path:
    """The source and its four notebooks, in a folder laid out as notebooks/."""
    copied = folder / "notebooks"
    source = SOURCES[0].relative_to(NOTEBOOKS)
    for path in (source, *(Path(edition) / f"{STAGES[0]}.ipynb" for edition in EDITIONS)):
        (copied / path).parent.mkdir(parents=True, exist_ok=True)
        (copied / path).write_bytes((NOTEBOOKS / path).read_bytes())
    return copied


def test_no_notebook_has_drifted_from_its_source(builder: Any) -> None:
    assert builder.main(["--check"]) == 0


def test_no_notebook_is_without_a_source() -> None:
    # JupyterLab keeps copies of those that it opened, in folders that git ignores.
    there = [path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    assert sorted(there) == sorted(NOTEBOOK_FILES)


@pytest.mark.parametrize("edition", EDITIONS)
def test_drift_is_noticed_and_answered_with_what_to_run(
    edition: str, builder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = copy_of_the_first_stage(tmp_path)
    monkeypatch.setattr(builder, "NOTEBOOKS", copied)
    assert builder.main(["--check"]) == 0
    drifted = copied / edition / f"{STAGES[0]}.ipynb"
    drifted.write_text(drifted.read_text(encoding="utf-8").replace("open_workspace(", "open_workshop("))
    assert builder.main(["--check"]) == 1
    assert "build_notebooks.py 00" in capsys.readouterr().err


def test_new_texts_keep_the_stored_outputs_until_code_changes(
    builder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = copy_of_the_first_stage(tmp_path)
    monkeypatch.setattr(builder, "NOTEBOOKS", copied)
    monkeypatch.setattr(builder, "TOP", tmp_path)
    source = copied / "source" / f"{STAGES[0]}.py"
    notebooks = [copied / edition / f"{STAGES[0]}.ipynb" for edition in EDITIONS]
    before = [code_of(path) for path in notebooks]
    source.write_text(source.read_text(encoding="utf-8").replace("**Objectif.**", "**But.**"), encoding="utf-8")
    assert builder.main(["--texts"]) == 0
    assert ["**But.**" in texts_of(path)["title"] for path in notebooks] == [False, False, True, True]
    assert [code_of(path) for path in notebooks] == before
    source.write_text(source.read_text(encoding="utf-8").replace("open_workspace(", "open_workshop("), encoding="utf-8")
    stored = [path.read_bytes() for path in notebooks]
    assert builder.main(["--texts"]) == 1
    assert (
        "has changed since it was run; run `.venv/bin/python scripts/build_notebooks.py 00`" in capsys.readouterr().err
    )
    assert [path.read_bytes() for path in notebooks] == stored


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("folder", ["", "solutions"])
def test_french_has_the_same_code_and_outputs(stage: str, folder: str) -> None:
    english, french = NOTEBOOKS / folder / f"{stage}.ipynb", NOTEBOOKS / "fr" / folder / f"{stage}.ipynb"
    assert code_of(french) == code_of(english)


@pytest.mark.parametrize("stage", STAGES)
def test_every_text_with_words_is_translated(stage: str) -> None:
    english, french = texts_of(NOTEBOOKS / f"{stage}.ipynb"), texts_of(NOTEBOOKS / "fr" / f"{stage}.ipynb")
    assert list(french) == list(english)
    assert [name for name, text in english.items() if has_words(text) and french[name] == text] == []


@pytest.mark.parametrize("path", NOTEBOOK_FILES, ids=lambda path: str(path.relative_to(NOTEBOOKS)))
def test_a_notebook_names_nobody_s_folder(path: Path) -> None:
    assert MACHINES.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_an_output_that_is_not_compared_has_a_reason_above_it(source: Path) -> None:
    lines = source.read_text(encoding="utf-8").splitlines()
    skips = [number for number, line in enumerate(lines) if re.search(r"NBVAL_(?:IGNORE|SKIP)", line, re.IGNORECASE)]
    assert [lines[number] for number in skips if not lines[number - 1].startswith("# Not compared, because ")] == []


@pytest.mark.parametrize("pattern", patterns())
@pytest.mark.parametrize("text", BARE)
def test_no_sanitizer_touches_a_bare_number(pattern: str, text: str) -> None:
    assert re.sub(pattern, "", text) == text
    assert re.sub(pattern, "", f"rows  {text}\n") == f"rows  {text}\n"
