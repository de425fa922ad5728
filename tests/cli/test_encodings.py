"""Text that is no UTF-8, and terminals that know few characters: both as a shell passes them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smallest_artifacts import write_artifacts

SQLITE_ONLY = "about what is typed and printed; test_ingest asks stores of both kinds"
COMMANDS = [["qalita", "ingest"], ["qalita-ingest"]]
NO_UTF8 = b"a\xffb"


def typed(folder: Path, *arguments: str | bytes, **variables: str) -> subprocess.CompletedProcess[bytes]:
    name, *rest = arguments
    script = Path(sys.executable).parent / os.fsdecode(name)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QALITA_")}
    environment = kept | {"QALITA_STORE": str(folder / "store")} | variables
    return subprocess.run([script, *rest], cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize(
    "option",
    ["--project", "--env", "--run-id", "--job-id", "--git-sha", "--git-branch", "--target", "--sample-columns"],
)
def test_an_option_that_is_no_utf8_is_one_line_and_exit_2(tmp_path: Path, option: str) -> None:
    artifacts = write_artifacts(tmp_path)

    done = typed(tmp_path, "qalita-ingest", "dbt", *artifacts, "--project", "air", option, NO_UTF8)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"qalita ingest: {option}: expected text in UTF-8\n"
    assert not (tmp_path / "store").exists()


def test_a_path_may_be_no_utf8(tmp_path: Path) -> None:
    write_artifacts(tmp_path)
    folder = os.fsencode(tmp_path) + b"/" + NO_UTF8
    Path(os.fsdecode(folder)).mkdir()
    for name in ("manifest.json", "run_results.json"):
        (tmp_path / name).rename(os.fsdecode(folder + b"/" + name.encode()))

    done = typed(tmp_path, "qalita-ingest", "dbt", "--target-path", folder, "--project", "café")

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_run_is_printed_where_only_ascii_can_be(tmp_path: Path, command: list[str]) -> None:
    artifacts = write_artifacts(tmp_path)

    done = typed(tmp_path, *command, "dbt", *artifacts, "--project", "café", PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"project caf?, environment dev" in done.stdout
