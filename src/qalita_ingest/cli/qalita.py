"""The word `qalita`: `qalita ingest …` is ours, every other sub-command goes to the vendor's own client."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qalita_ingest.cli.ingest import ingest

# Names the process that was handed over: `exec` keeps its id, so one that comes back to us shows itself.
HANDED_OVER = "HANDED_OVER_BY_QALITA"
COMMAND_NOT_FOUND = 127  # what shells answer
USAGE = """Usage: qalita ingest COMMAND …      take dbt's results into QALITA (this package)
       qalita ANYTHING-ELSE …       handed to QALITA's own client, where it is installed
"""


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["ingest"]:
        ingest.main(args=arguments[1:], prog_name="qalita ingest")
    client = None if os.environ.get(HANDED_OVER) == str(os.getpid()) else find_vendor_client()
    if client is None:
        if arguments in ([], ["--help"]):
            sys.stdout.write(USAGE)
            sys.exit(0)
        sys.stderr.write(
            f"qalita: {arguments[0] if arguments else ''}: QALITA's own client is not installed; "
            "install it in an environment of its own (pip install qalita) and name it in QALITA_CLI\n"
        )
        sys.exit(COMMAND_NOT_FOUND)
    hand_over(client, arguments)


def find_vendor_client() -> Path | None:
    """`QALITA_CLI`, else `.venv-qalita/bin/qalita` beside our environment, else the next `qalita` on PATH."""
    if named := os.environ.get("QALITA_CLI"):
        return Path(named)
    own = Path(sys.argv[0]).resolve()
    beside = Path(sys.prefix).parent / ".venv-qalita" / "bin" / "qalita"
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    candidates = [beside, *(folder / "qalita" for folder in folders)]
    return next((one for one in candidates if os.access(one, os.X_OK) and one.resolve() != own), None)


def hand_over(client: Path, arguments: list[str]) -> None:
    """Replace this process: the client keeps stdin, colours, signals and its exit code."""
    os.environ[HANDED_OVER] = str(os.getpid())
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execv(client, [str(client), *arguments])  # noqa: S606 (no shell is wanted)
    except OSError as error:
        sys.stderr.write(f"qalita: {client}: can't be started: {error.strerror}; check QALITA_CLI\n")
        sys.exit(COMMAND_NOT_FOUND)
