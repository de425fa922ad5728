"""Where QALITA's own client is, and which `qalita` is ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from qalita_ingest.workspace import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator

# Stands in the script that an installer writes for us.
OUR_MODULE = b"qalita_ingest.cli.qalita"
BEGIN_OF_SCRIPT = 4096


def find_vendor_client() -> Path | None:
    """`QALITA_CLI`, else `.venv-qalita/bin/qalita` beside our environment, else the next `qalita` on PATH.

    Never ourselves, in this environment or another; None where `QALITA_CLI` names us.
    """
    if named := os.environ.get("QALITA_CLI"):
        return None if is_ours(Path(named)) else Path(named)
    return next((one for one in _candidates() if os.access(one, os.X_OK) and one.is_file() and not is_ours(one)), None)


def _candidates() -> Iterator[Path]:
    yield Path(sys.prefix).parent / ".venv-qalita" / "bin" / "qalita"
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder) / "qalita"


def is_ours(script: Path) -> bool:
    """Whether that `qalita` is one of this package; its script names the module."""
    try:
        with script.open("rb") as file:
            return OUR_MODULE in file.read(BEGIN_OF_SCRIPT)
    except OSError:
        return False


def how_to_install() -> str:
    workspace = Path(sys.prefix).parent
    if (workspace / MARKER).exists():
        return f"in {workspace}: make setup-vendor"
    return "install it in an environment of its own (pip install qalita) and name it in QALITA_CLI"
