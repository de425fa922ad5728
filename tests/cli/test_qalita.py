"""The word `qalita`: ours for `ingest`, the vendor's client for everything else.

The client here is a stand-in script: what matters is what it is given and what comes back.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

QALITA = Path(sys.executable).parent / "qalita"
STAND_IN = """#!/bin/sh
printf 'client got:'; for word in "$@"; do printf ' [%s]' "$word"; done; echo
cat
exit 7
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    client = tmp_path / "vendor" / "qalita"
    client.parent.mkdir()
    client.write_text(STAND_IN)
    client.chmod(0o755)
    return client


def typed(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "QALITA_CLI"}
    return subprocess.run(
        [QALITA, *arguments], input=stdin, env=kept | variables, capture_output=True, text=True, check=False, timeout=60
    )


def test_ingest_is_ours() -> None:
    done = typed("ingest", "--help")

    assert (done.returncode, done.stdout.split("\n")[0]) == (0, "Usage: qalita ingest [OPTIONS] COMMAND [ARGS]...")


def test_everything_else_is_handed_over_with_arguments_stdin_and_exit_code(stand_in: Path) -> None:
    done = typed("source", "list", "--odd name", "", stdin="yes\n", QALITA_CLI=str(stand_in))

    assert (done.returncode, done.stdout) == (7, "client got: [source] [list] [--odd name] []\nyes\n")


def test_the_next_qalita_on_path_is_found_and_never_ourselves(stand_in: Path) -> None:
    path = os.pathsep.join([str(QALITA.parent), str(stand_in.parent), "/usr/bin", "/bin"])

    assert typed("worker", PATH=path).stdout == "client got: [worker]\n"


def test_without_a_client_one_line_says_what_to_install() -> None:
    done = typed("worker", "login", PATH=str(QALITA.parent))

    assert done.returncode == 127
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert "pip install qalita" in done.stderr


def test_a_client_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    done = typed("worker", QALITA_CLI=str(tmp_path / "missing"))

    assert done.returncode == 127
    assert "can't be started: No such file or directory; check QALITA_CLI" in done.stderr


def test_alone_it_says_what_it_does() -> None:
    done = typed(PATH=str(QALITA.parent))

    assert done.returncode == 0
    assert "qalita ingest COMMAND" in done.stdout


def test_two_of_us_do_not_call_each_other_for_ever() -> None:
    done = typed("worker", QALITA_CLI=str(QALITA))

    assert done.returncode == 127
