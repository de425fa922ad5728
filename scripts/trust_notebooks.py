"""Trust the notebooks that came with the workspace: JupyterLab shows stored charts in trusted notebooks only.

They are the ones that have a source; whatever else lies beside them is not trusted. What is missing or half written is
said in one line, and keeps nothing from starting.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

TOP = Path(__file__).resolve().parent.parent
NOTEBOOKS = TOP / "notebooks"
FOLDERS = ("", "solutions", "fr", "fr/solutions")
# More than these are named by the folder that they are in.
MOST_NAMED = 3


def of_the_workspace() -> list[Path]:
    stages = sorted(path.stem for path in (NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))
    return [NOTEBOOKS / folder / f"{stage}.ipynb" for folder in FOLDERS for stage in stages]


def trust(paths: list[Path]) -> list[Path]:
    """Those that can't be."""
    left = []
    with NotebookNotary() as notary:
        for path in paths:
            try:
                notary.sign(nbformat.read(path, nbformat.NO_CONVERT))
            except Exception:  # noqa: BLE001 (whatever is in a damaged file, nbformat stumbles over it in its own way)
                left.append(path)
    return left


def way_back(paths: list[Path]) -> str:
    named = [str(path.relative_to(TOP)) for path in paths]
    return f"git checkout {' '.join(named) if len(named) <= MOST_NAMED else os.path.commonpath(named)}"


def main() -> int:
    # What nbformat would print of a damaged notebook, beside raising it.
    logging.getLogger("traitlets").addHandler(logging.NullHandler())
    logging.getLogger("traitlets").propagate = False
    if left := trust(of_the_workspace()):
        count = f"{len(left)} of the workspace's notebooks {'is' if len(left) == 1 else 'are'} missing or damaged"
        print(f"notebooks: {count}; as they came: {way_back(left)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
