"""Run notebooks/source/*.py and write the notebooks, with outputs, for learners and with solutions, in two languages.

    python scripts/build_notebooks.py            all stages
    python scripts/build_notebooks.py 01         one of them
    python scripts/build_notebooks.py --texts    run nothing: new texts, stored outputs, where no code has changed
    python scripts/build_notebooks.py --check    write and run nothing, fail where a notebook is not of its source

Each stage is run once. An exercise is run twice, unanswered and with its solution, so that both outputs are true.
notebooks/README.md says how a source is written.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from qalita_walkthrough.languages import with_french_spaces

TOP = Path(__file__).resolve().parent.parent
NOTEBOOKS = TOP / "notebooks"
SOLUTION = re.compile(r"^# solution: begin\n(.*?)^# solution: end$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
STAGE = re.compile(r"\d\d_\w+\.ipynb$")
UNANSWERED = "answer = ..."
CELL_TIMEOUT_SECONDS = 300
# Stands in outputs for the folder of whoever built them.
ANY_FOLDER = "/path/to/workspace"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

Output = dict[str, Any]


class SourceError(Exception):
    """A source that can't become notebooks: which cell, and why."""


class UnknownStageError(SourceError):
    """A stage was named that has no source."""


@dataclass(frozen=True)
class Cell:
    """Of a source. `texts` has one for each language, and the code stands under both."""

    name: str
    kind: str
    tags: tuple[str, ...]
    texts: dict[str, str]

    @property
    def is_exercise(self) -> bool:
        return "exercise" in self.tags

    @property
    def is_check(self) -> bool:
        return "check" in self.tags

    def code(self, *, solved: bool) -> str:
        source = self.texts["en"]
        return SOLUTION.sub(lambda found: found[1].rstrip("\n") if solved else UNANSWERED, source)


@dataclass(frozen=True)
class Edition:
    """One of the notebooks that are made of a source."""

    language: str
    solved: bool

    @property
    def depth(self) -> int:
        """Folders below notebooks/."""
        return (self.language == "fr") + self.solved

    def text(self, cell: Cell) -> str:
        """Links in a source are those of notebooks/: here they lead to the same place, in this edition."""
        text = LINK.sub(lambda found: f"]({self._link(found[1])})", cell.texts[self.language])
        return with_french_spaces(text) if self.language == "fr" else text

    def _link(self, target: str) -> str:
        if "://" in target or target.startswith("#") or STAGE.match(target):
            return target
        if target.startswith("solutions/"):
            return target.removeprefix("solutions/") if self.solved else target
        return "../" * self.depth + target

    def path(self, stage: str) -> Path:
        folder = NOTEBOOKS / ("fr" if self.language == "fr" else ".") / ("solutions" if self.solved else ".")
        return folder / f"{stage}.ipynb"


@dataclass
class Outputs:
    """By the name of the cell; those of an exercise and of its check also while it is unanswered."""

    solved: dict[str, list[Output]] = field(default_factory=dict)
    unanswered: dict[str, list[Output]] = field(default_factory=dict)

    def of(self, cell: Cell, *, solved: bool) -> list[Output]:
        return self.solved[cell.name] if solved else self.unanswered.get(cell.name, self.solved[cell.name])


EDITIONS = tuple(Edition(language, solved) for language in ("en", "fr") for solved in (False, True))


def read_source(path: Path) -> list[Cell]:
    """Cells in order; a French Markdown cell belongs to the English one of the same id."""
    cells: dict[str, Cell] = {}
    for one in jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent").cells:
        name, language = one.metadata.get("id"), one.metadata.get("lang", "en")
        if not name:
            raise SourceError(f'{path.name}: a cell has no id="…": {one.source[:60]!r}')
        if language == "en" and name in cells:
            raise SourceError(f"{path.name}: two cells are called {name!r}")
        if language == "en":
            texts = {"en": one.source} | ({"fr": one.source} if one.cell_type == "code" else {})
            cells[name] = Cell(name, one.cell_type, tuple(one.metadata.get("tags", ())), texts)
        elif name in cells:
            cells[name].texts[language] = one.source
        else:
            raise SourceError(f"{path.name}: the English text of {name!r} must come before the French one")
    _require_whole(path, list(cells.values()))
    return list(cells.values())


def _require_whole(path: Path, cells: list[Cell]) -> None:
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if missing := {"en", "fr"} - set(cell.texts):
            raise SourceError(f"{path.name}: {cell.name!r} has no text in {', '.join(missing)}")
        if cell.is_exercise and not SOLUTION.search(cell.texts["en"]):
            raise SourceError(f"{path.name}: {cell.name!r} has no `# solution: begin` … `# solution: end`")
        if cell.is_exercise and (after is None or not after.is_check):
            raise SourceError(f'{path.name}: after {cell.name!r} a cell with tags=["check"] is expected')


def make(cells: list[Cell], edition: Edition, outputs: Outputs | None = None) -> nbformat.NotebookNode:
    """A notebook, without outputs where none are given."""
    notebook = new_notebook(metadata=METADATA)
    for cell in cells:
        metadata = {"tags": list(cell.tags)} if cell.tags else {}
        if cell.kind == "markdown":
            made = new_markdown_cell(edition.text(cell), id=cell.name, metadata=metadata)
        else:
            made = new_code_cell(cell.code(solved=edition.solved), id=cell.name, metadata=metadata)
            if outputs:
                made.outputs = nbformat.from_dict(outputs.of(cell, solved=edition.solved))
        notebook.cells.append(made)
    return number_in_order(notebook)


def number_in_order(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    for number, cell in enumerate((one for one in notebook.cells if one.cell_type == "code"), start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
    return notebook


def run(cells: list[Cell]) -> Outputs:
    """In one kernel; unanswered comes right before answered, and changes nothing."""
    turns = [turn for cell in cells if cell.kind == "code" for turn in _turns(cell, cells)]
    notebook = new_notebook(
        cells=[new_code_cell(cell.code(solved=solved), metadata={"tags": list(cell.tags)}) for cell, solved in turns],
        metadata=METADATA,
    )
    settings = TOP / ".work" / "jupyter" / "ipython"
    settings.mkdir(parents=True, exist_ok=True)
    # This environment's kernel, without what the builder has set for IPython.
    os.environ.update(JUPYTER_PREFER_ENV_PATH="1", IPYTHONDIR=str(settings))
    client = NotebookClient(
        notebook, timeout=CELL_TIMEOUT_SECONDS, coalesce_streams=True, resources={"metadata": {"path": str(NOTEBOOKS)}}
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise SourceError(f"a cell failed:\n{error}") from None
    outputs = Outputs()
    for (cell, solved), done in zip(turns, notebook.cells, strict=True):
        into = outputs.solved if solved else outputs.unanswered
        into[cell.name] = [_plain(output) for output in done.outputs]
    return outputs


def _turns(cell: Cell, cells: list[Cell]) -> list[tuple[Cell, bool]]:
    if cell.is_exercise:
        check = cells[cells.index(cell) + 1]
        return [(cell, False), (check, False), (cell, True), (check, True)]
    return [] if cell.is_check else [(cell, True)]


def _plain(value: Any) -> Any:
    """Without the folder in which this runs."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.replace(str(TOP), ANY_FOLDER) if isinstance(value, str) else value


def stored_outputs(cells: list[Cell], stage: str) -> Outputs:
    """Of the English notebooks; they are true only as long as the code is the one that was run."""
    outputs = Outputs()
    for into, solved in ((outputs.solved, True), (outputs.unanswered, False)):
        edition = Edition("en", solved)
        path = edition.path(stage)
        stored = _code_cells(read_notebook(path)) if path.exists() else []
        if changed := _changed_code(stored, _code_cells(make(cells, edition))):
            again = f".venv/bin/python scripts/build_notebooks.py {stage[:2]}"
            raise SourceError(f"{stage}: the code of {changed!r} has changed since it was run; run `{again}`")
        into.update({cell.id: cell.outputs for cell in stored})
    return outputs


def _code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _changed_code(stored: list[nbformat.NotebookNode], made: list[nbformat.NotebookNode]) -> str | None:
    """The name of the first cell that differs, or stands where there was another or none."""
    for before, after in zip_longest(stored, made):
        if before is None or after is None or (before.id, before.source) != (after.id, after.source):
            return str((after or before).id)
    return None


def build(source: Path, *, texts_only: bool = False) -> None:
    cells = read_source(source)
    outputs = stored_outputs(cells, source.stem) if texts_only else run(cells)
    for edition in EDITIONS:
        path = edition.path(source.stem)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.validate(notebook := make(cells, edition, outputs))
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        print(path.relative_to(TOP))


def read_notebook(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    return notebook


def without_outputs(notebook: nbformat.NotebookNode) -> list[tuple[str, str, str, list[str]]]:
    return [(one.id, one.cell_type, one.source, one.metadata.get("tags", [])) for one in notebook.cells]


def has_drifted(source: Path, edition: Edition) -> bool:
    """Whether texts and code are others than those of the source; nbval proves the outputs."""
    path = edition.path(source.stem)
    if not path.exists():
        return True
    return without_outputs(read_notebook(path)) != without_outputs(make(read_source(source), edition))


def sources(stages: list[str]) -> list[Path]:
    """Of the stages named, by number or name; of all when none is named."""
    found = sorted((NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))
    known = {name for one in found for name in (one.stem, one.stem[:2])}
    if unknown := [stage for stage in stages if stage not in known]:
        raise UnknownStageError(
            f"no such stage: {', '.join(unknown)}; there are {', '.join(one.stem for one in found)}"
        )
    return [one for one in found if not stages or one.stem in stages or one.stem[:2] in stages]


def check(stages: list[str]) -> int:
    for source in sources(stages):
        for edition in EDITIONS:
            if has_drifted(source, edition):
                where = edition.path(source.stem).relative_to(NOTEBOOKS.parent)
                again = f".venv/bin/python scripts/build_notebooks.py {source.stem[:2]}"
                print(f"{where} is not what its source says; run `{again}`", file=sys.stderr)
                return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make the notebooks of notebooks/source/*.py.")
    parser.add_argument("stages", nargs="*", metavar="stage", help="a number such as 01; without, all")
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--texts", action="store_true", help="keep the stored outputs; refused where code has changed")
    ways.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return check(options.stages)
        for source in sources(options.stages):
            build(source, texts_only=options.texts)
    except SourceError as error:
        print(f"build_notebooks: {error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownStageError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
