"""The word `qalita`: `qalita ingest …` is ours, every other sub-command goes to the vendor's own client."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from qalita_ingest.cli.ingest import ingest, print_what_can_be_printed
from qalita_ingest.cli.vendor import find_vendor_client, how_to_install

if TYPE_CHECKING:
    from pathlib import Path

# How often the command was handed over so far. A client may well call `qalita` again; who comes back for the third
# time goes round in a circle (a wrapper of that name that calls us, say).
HANDED_OVER = "HANDED_OVER_BY_QALITA"
MOST_HAND_OVERS = 3
COMMAND_NOT_FOUND = 127  # what shells answer
NOT_EXECUTABLE = 126
USAGE = """Usage: qalita ingest COMMAND …      take dbt's results into QALITA (this package)
       qalita ANYTHING-ELSE …       handed to QALITA's own client, where it is installed
"""


def main() -> None:
    print_what_can_be_printed()
    arguments = sys.argv[1:]
    if arguments[:1] == ["ingest"]:
        ingest.main(args=arguments[1:], prog_name="qalita ingest")
    client = find_vendor_client()
    if client is None:
        _say_what_is_missing(arguments)
    elif _hand_overs() >= MOST_HAND_OVERS:
        _fail(f"{client} leads back to this command; name QALITA's own client in QALITA_CLI", COMMAND_NOT_FOUND)
    else:
        hand_over(client, arguments)


def hand_over(client: Path, arguments: list[str]) -> None:
    """Replace this process: the client keeps stdin, colours, signals and its exit code."""
    os.environ[HANDED_OVER] = str(_hand_overs() + 1)
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execv(client, [str(client), *arguments])  # noqa: S606 (no shell is wanted)
    except FileNotFoundError as error:
        _fail(f"{client}: can't be started: {error.strerror}; check QALITA_CLI", COMMAND_NOT_FOUND)
    except OSError as error:
        _fail(f"{client}: can't be started: {error.strerror}; check QALITA_CLI", NOT_EXECUTABLE)


def _hand_overs() -> int:
    said = os.environ.get(HANDED_OVER, "")
    return int(said) if said.isdecimal() else 0


def _say_what_is_missing(arguments: list[str]) -> None:
    if arguments in ([], ["--help"]):
        sys.stdout.write(USAGE)
        return
    word = arguments[0] if arguments else ""
    _fail(f"{word}: QALITA's own client is not installed; {how_to_install()}", COMMAND_NOT_FOUND)


def _fail(message: str, status: int) -> None:
    sys.stderr.write(f"qalita: {message}\n")
    sys.exit(status)
