"""Write docs/cli.md from the commands themselves; --check writes nothing and fails when the file has drifted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qalita_ingest.cli.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "cli.md"
HOW = "run `.venv/bin/python scripts/generate_cli_docs.py`"

# Two choices explain themselves in a terminal, and need a word on a page.

OPENING = f"""\
<!-- Generated from the commands themselves. Don't edit: {HOW}. -->
# The command line

The commands are in `.venv/bin`; `. .venv/bin/activate` puts them on your path. `qalita ingest …` and `qalita-ingest …`
are the same program. Any other word after `qalita` is handed to the vendor's own client, where one is installed.
"""

CLOSING = """\
## Environment variables

| variable | meaning |
|---|---|
| `QALITA_PROJECT` | the project, where `--project` is not given |
| `QALITA_ENV` | the environment, where `--env` is not given |
| `QALITA_STORE` | folder of the store and the outbox, instead of `.qalita/` in the workspace or in the current folder |
| `QALITA_AGENT_ENDPOINT` | address of a QALITA server; without one the embedded sandbox is used |
| `QALITA_WORKER_ENDPOINT`, `QALITA_API_URL` | other names for the same address; two that differ are refused |
| `QALITA_AGENT_TOKEN` | the token for that server; there is no flag, because process lists show flags |
| `QALITA_WORKER_TOKEN` | another name for the same token; two that differ are refused |
| `QALITA_CLI` | path of the vendor's client, for everything but `qalita ingest` |

## Exit codes

| code | meaning |
|---|---|
| 0 | delivered, or already there |
| 2 | bad input, a contradiction in the settings, or a store that can't be used: nothing was written |
| 3 | QALITA can't be reached: a run is kept in the outbox and goes with the next ingest |
| 4 | QALITA refused; a run is parked in the outbox, with the reason beside it |
| 127 | `qalita` without `ingest`, and the vendor's client is not there |
"""


def page() -> str:
    sections = [OPENING, *(section(name, command) for name, command in sorted(ingest.commands.items())), CLOSING]
    return "\n".join(sections)


def section(name: str, command: click.Command) -> str:
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    usage = " ".join(["qalita ingest", name, *(one.make_metavar(click.Context(command)) for one in arguments)])
    rows = [row(one) for one in command.params if isinstance(one, click.Option)]
    return "\n".join(
        [
            f"## qalita ingest {name}",
            "",
            " ".join((command.help or "").split()),
            "",
            *described(arguments, usage),
            *table(rows),
        ]
    )


def described(arguments: list[click.Argument], usage: str) -> Iterator[str]:
    if arguments:
        yield f"Usage: `{usage} [OPTIONS]`"
        yield ""


def table(rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    yield "| option | default | variable | meaning |"
    yield "|---|---|---|---|"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"
    yield ""


def row(option: click.Option) -> tuple[str, str, str, str]:
    return written(option), default(option), variable(option), meaning(option)


def written(option: click.Option) -> str:
    """As typed: `--env TEXT`, a choice with its words."""
    if option.is_flag:
        return f"`{option.opts[0]}`"
    kind = option.type
    if isinstance(kind, click.Choice):
        return f"`{option.opts[0]}` " + ", ".join(f"`{word}`" for word in kind.choices)
    value = "YYYY-MM-DD" if isinstance(kind, click.DateTime) else kind.name.upper()
    return f"`{option.opts[0]} {value}`"


def default(option: click.Option) -> str:
    if option.required:
        return "required"
    return f"`{option.default}`" if option.show_default and isinstance(option.default, str) else ""


def variable(option: click.Option) -> str:
    return f"`{option.envvar}`" if isinstance(option.envvar, str) else ""


def meaning(option: click.Option) -> str:
    return option.help or ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/cli.md from the commands themselves.")
    parser.add_argument("--check", action="store_true", help="compare only")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"docs/cli.md is not what the commands say; {HOW}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
