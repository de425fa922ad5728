"""The folder a notebook works in: `.work/notebooks/<name>/`, made anew, with copies of the examples and a QALITA store.

Below it French notebooks and solutions have folders like those below `notebooks`: who looks up a solution keeps what
the exercise has at hand.

Nothing outside of it is touched, and nothing that a learner has set for their own work is obeyed. So a notebook shows
the same each time, alone or after the others.
"""

from __future__ import annotations

import os
import shutil
import sys
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qalita_walkthrough.commands import print_as_it_comes
from qalita_walkthrough.languages import FRENCH_FOLDER, choose_language
from qalita_walkthrough.plain_errors import WalkthroughError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

Example = Literal["example_dbt", "example_dagster"]

MARKER = ".qalita-workspace"
SCRATCH = Path(".work", "notebooks")
EDITIONS = frozenset({FRENCH_FOLDER, "solutions"})
# example_dagster builds the project beside it.
NEEDED = {"example_dbt": ("example_dbt",), "example_dagster": ("example_dbt", "example_dagster")}
# Of the examples, what stays behind: what was made in them, and a learner's own.
PRODUCTS = ("target", "logs", "*.duckdb*", ".venv", "__pycache__", ".mypy_cache", ".tmp_dagster_home_*")
OWN_SETTINGS = (".user.yml", ".env")
# Of a learner's own projects, or of the CI in which the notebooks are proved.
FOREIGN = ("QALITA_", "DBT_", "OPENDATA_", "DAGSTER_", "GITHUB_", "GITLAB_", "CI_", "JENKINS_")
FOREIGN_NAMES = ("CI", "TF_BUILD", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "VIRTUAL_ENV", "LANGUAGE")


def open_workspace(name: str, inside: Example = "example_dbt") -> None:
    """Make the notebook's folder anew and go there; `inside` names the example in which commands are typed."""
    started_in = Path.cwd()
    top = find_top(started_in)
    edition = edition_of(started_in, top)
    choose_language(edition)
    scratch = top / SCRATCH / edition / name
    os.chdir(top)
    make_anew(scratch, top, NEEDED[inside])
    set_environment(os.environ, scratch)
    os.chdir(scratch / inside)
    print_as_it_comes()
    print(f"Ready, in a fresh copy: {(scratch / inside).relative_to(top)}")


def edition_of(started_in: Path, top: Path) -> Path:
    """The notebook's folder below `notebooks`. Who opens a workspace again is in the one of before."""
    for notebooks in (top / "notebooks", top / SCRATCH):
        if started_in.is_relative_to(notebooks):
            return Path(*takewhile(EDITIONS.__contains__, started_in.relative_to(notebooks).parts))
    return Path()


def find_top(start: Path) -> Path:
    """Of the workspace, from wherever in it a notebook was started."""
    for folder in (start, *start.parents, *Path(__file__).resolve().parents):
        if (folder / MARKER).exists():
            return folder
    raise WalkthroughError("the workspace was not found: open the notebook inside the folder that `git clone` made")


def make_anew(scratch: Path, top: Path, examples: tuple[str, ...]) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    for example in examples:
        shutil.copytree(top / example, scratch / example, ignore=shutil.ignore_patterns(*PRODUCTS, *OWN_SETTINGS))
    # With two threads dbt's lines come in another order each time.
    profiles = scratch / "example_dbt" / "profiles.yml"
    profiles.write_text(profiles.read_text(encoding="utf-8").replace("threads: 2", "threads: 1"), encoding="utf-8")


def set_environment(environ: MutableMapping[str, str], scratch: Path) -> None:
    """For this kernel, and what it starts."""
    for name in [name for name in environ if name.startswith(FOREIGN) or name in FOREIGN_NAMES]:
        del environ[name]
    programs = str(Path(sys.prefix) / "bin")
    others = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if folder != programs]
    environ.update(
        PATH=os.pathsep.join([programs, *others]),
        # Activated: programs name themselves by name, not by path.
        VIRTUAL_ENV=sys.prefix,
        QALITA_STORE=str(scratch / ".qalita"),
        # Runs are of this folder, not of a commit of the workspace around it.
        GIT_CEILING_DIRECTORIES=str(scratch.parent),
        DO_NOT_TRACK="1",
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DBT_USE_COLORS="false",
        DAGSTER_DISABLE_TELEMETRY="1",
        DAGSTER_HOME=str(scratch / "dagster_home"),
        NO_COLOR="1",
        COLUMNS="100",
        # Files are listed in the same order everywhere, and programs speak English.
        LC_ALL="C.UTF-8",
        # Python's own words come with those of the programs it starts, not after them.
        PYTHONUNBUFFERED="1",
        PYTHONUTF8="1",
    )
