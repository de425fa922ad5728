"""`!command` in a real IPython, set up as a notebook's first cell does it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from qalita_walkthrough.commands import print_as_it_comes

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of the command that waits for what its own first line sets off: five seconds at most.
WAITS = 'echo first; for try in $(seq 100); do [ -e seen ] && break; sleep 0.05; done; [ -e seen ] && echo "in time"'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    settings = Config()
    settings.HistoryManager.enabled = False
    made = InteractiveShell.instance(config=settings)
    print_as_it_comes()
    yield made
    InteractiveShell.clear_instance()


class Watcher:
    """In place of standard output: makes the file `seen` at the first line."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        Path("seen").touch()
        self.text += text
        return len(text)

    def flush(self) -> None: ...


def test_a_line_is_shown_while_the_command_still_runs(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", watcher)
        shell.run_cell(f"!{WAITS}")
    assert watcher.text == "first\nin time\n"


def test_what_goes_to_either_output_comes_in_its_order(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("!echo one; echo two >&2; echo three")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("one\ntwo\nthree\n", "")


def test_a_letter_of_two_bytes_is_never_cut(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell(f"""!{sys.executable} -c "print('µ' * 100_001)" """)
    assert capsys.readouterr().out == "µ" * 100_001 + "\n"


def test_a_byte_that_is_no_text_stops_nothing(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell(r"!printf 'a\377b\n'")
    assert capsys.readouterr().out == "a\ufffdb\n"


def test_names_in_braces_are_those_of_the_cell_and_of_its_functions(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("number = 7\n!echo {number}")
    shell.run_cell("def tell(inside):\n    !echo {inside} {number + 1}\ntell('within')")
    assert capsys.readouterr().out == "7\nwithin 8\n"


def test_the_exit_status_is_remembered(shell: InteractiveShell) -> None:
    shell.run_cell("!exit 3")
    assert shell.user_ns["_exit_code"] == 3


@pytest.fixture
def typed() -> Iterator[None]:
    """Something waits at this process's standard input."""
    reader, writer = os.pipe()
    os.write(writer, b"typed\n")
    os.close(writer)
    before = os.dup(0)
    os.dup2(reader, 0)
    yield
    os.dup2(before, 0)
    os.close(before)
    os.close(reader)


@pytest.mark.usefixtures("typed")
def test_a_command_that_asks_gets_no_answer_and_ends(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell('!read answer; echo "answer: $answer"')
    assert capsys.readouterr().out == "answer: \n"


def test_outside_of_a_notebook_there_is_nothing_to_set_up() -> None:
    print_as_it_comes()
    assert not InteractiveShell.initialized()
