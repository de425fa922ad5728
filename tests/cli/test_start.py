"""The commands as an installation has them, and what starting one of them imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", [["qalita-ingest"], ["qalita", "ingest"]])
def test_the_installed_commands_answer(command: list[str]) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:], "--help"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: {' '.join(command)} ")


def test_a_python_of_the_environment_can_start_it_without_the_command() -> None:
    code = "import sys; from qalita_ingest.cli.qalita import main; sys.argv = ['qalita', 'ingest', '--help']; main()"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.split(" [")[0]) == (0, "Usage: qalita ingest")


def test_a_folder_that_was_removed_meanwhile_is_one_line(tmp_path: Path) -> None:
    command = 'cd "$1" && rmdir "$1" && exec "$2" ingest issues'
    gone = tmp_path / "gone"
    gone.mkdir()

    program = Path(sys.executable).parent / "qalita"
    done = subprocess.run(["sh", "-c", command, "sh", gone, program], capture_output=True, text=True, check=False)

    line = "qalita ingest: the folder that this shell is in was removed: go to another, and try again\n"
    assert (done.returncode, done.stderr) == (2, line)


def test_help_imports_neither_server_nor_database(folder: Path) -> None:
    code = (
        "import sys, click.testing; from qalita_ingest.cli.ingest import ingest;"
        "click.testing.CliRunner().invoke(ingest, ['dbt', '--help']);"
        "print([name for name in ('fastapi', 'sqlalchemy', 'httpx2', 'rich', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
