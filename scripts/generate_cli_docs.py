"""Write docs/cli.md from the commands themselves; --check writes nothing and fails when the file has drifted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qalita_ingest.cli.ingest import ingest
from qalita_ingest.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "cli.md"
HOW = "run `.venv/bin/python scripts/generate_cli_docs.py`"

OPENING = f"""\
<!-- Generated from the commands themselves. Don't edit: {HOW}. -->
# The command line

The commands are in `.venv/bin`; `. .venv/bin/activate` puts them on your path. `qalita ingest …` and `qalita-ingest …`
are the same program. Any other word after `qalita` is handed to the vendor's own client, where one is installed.
"""

CLOSING = """\
## Environment variables

Options win over variables. dbt's own `DBT_TARGET_PATH` and `DBT_PROJECT_DIR` are honoured where dbt's files are looked
for; the variables of the CI that runs the job say where a run comes from ([ci.md](ci.md)). What the numbers of a
source and a pack are is in [ways-into-qalita.md](ways-into-qalita.md).

| variable | meaning |
|---|---|
| `QALITA_PROJECT` | the project, where `--project` is not given |
| `QALITA_ENV` | the environment, where `--env` is not given |
| `QALITA_STORE` | folder of the store and the outbox, instead of `.qalita/` in the workspace or in the current folder |
| `QALITA_DAGSTER_URL` | where Dagster's pages are, to link runs to them ([dagster.md](dagster.md)) |
| `QALITA_DATABASE_URL` | a PostgreSQL that keeps the store's rows ([postgresql.md](postgresql.md)) |
| `QALITA_AGENT_ENDPOINT` | address of a QALITA server; without one the embedded sandbox is used |
| `QALITA_WORKER_ENDPOINT`, `QALITA_API_URL` | other names for the same address; two that differ are refused |
| `QALITA_AGENT_TOKEN` | the token for that server; there is no option, because process lists show options |
| `QALITA_WORKER_TOKEN` | another name for the same token; two that differ are refused |
| `QALITA_SOURCE_ID`, `QALITA_PACK_ID` | with `--via upload`: numbers of the source and of the pack |
| `QALITA_AGENT_NAME`, `QALITA_WORKER_NAME` | with `--via upload`: name of the worker [`qalita-ingest`] |
| `DBT_CLOUD_API_TOKEN`, `DBT_CLOUD_TOKEN` | the token of dbt Cloud; two that differ are refused |
| `DBT_CLOUD_HOST`, `DBT_CLOUD_HOST_URL` | the access URL of the dbt Cloud account, where `--host` is not given |
| `DBT_CLOUD_ACCOUNT_ID` | the number of that account, where `--account` is not given |
| `QALITA_SANDBOX_HOST` | address on which `python -m qalita_ingest.sandbox` listens [`127.0.0.1`] |
| `QALITA_SANDBOX_PORT` | its port [`3080`] |
| `QALITA_SANDBOX_PACK` | folder of a pack that each start publishes; empty: none ([clients.md](clients.md)) |
| `QALITA_SANDBOX_REQUIRE_TOKEN` | `1`: every request needs a token; beyond loopback it does not start without |
| `QALITA_SANDBOX_ALLOWED_HOSTS` | names under which it answers, besides loopback's, with commas between them |
| `QALITA_CLI` | path of the vendor's client, for everything but `qalita ingest` |

## Exit codes

| code | meaning |
|---|---|
| 0 | delivered, or already there |
| 2 | bad input, a contradiction in the settings, or a store that can't be used: nothing was kept or sent |
| 3 | QALITA can't be reached: a run is kept in the outbox and goes with the next ingest |
| 4 | QALITA refused: the run is parked in the outbox with the reason; after 401 or 403 it waits for a better token |
| 5 | the run was taken in, and `--fail-on` is reached |
| 127 | `qalita` without `ingest`, and the vendor's client is not there; or there is no such command after `--` |

Of several the first of 2, 4, 3, 5 counts. With a command after `--` dbt's own exit code comes first: ours counts only
where that is 0.
"""


def page() -> str:
    return "\n".join([OPENING, *(section(command, name) for name, command in sorted(ingest.commands.items())), CLOSING])


def section(command: click.Command, name: str) -> str:
    context = click.Context(command, info_name=f"qalita ingest {name}")
    lines = [f"## {context.command_path}", "", said(command), "", *usage(command, context)]
    tables = [line for title, options in grouped(command).items() for line in table(title, options, context)]
    return "\n".join([*lines, *tables])


def said(command: click.Command) -> str:
    """What the help says first, in one line."""
    return " ".join((command.help or "").split())


def usage(command: click.Command, context: click.Context) -> list[str]:
    """Where there is more to type than options."""
    pieces = command.collect_usage_pieces(context)
    return [f"Usage: `{' '.join([context.command_path, *pieces])}`", ""] if len(pieces) > 1 else []


def grouped(command: click.Command) -> dict[str, list[click.Option]]:
    """Options by the section of the help that lists them; those of none come last, as they do there."""
    options = [one for one in command.params if isinstance(one, click.Option)]
    if not isinstance(command, SectionedCommand):
        return {"": options}
    sections: dict[str, list[click.Option]] = {}
    for option in sorted(options, key=lambda one: not hasattr(one, "section")):
        sections.setdefault(getattr(option, "section", ""), []).append(option)
    return sections


def table(title: str, options: list[click.Option], context: click.Context) -> Iterator[str]:
    if title:
        yield f"**{title}**"
        yield ""
    yield "| option | default | variable | meaning |"
    yield "|---|---|---|---|"
    for option in options:
        yield f"| {' | '.join([written(option, context), default(option), variable(option), meaning(option)])} |"
    yield ""


def written(option: click.Option, context: click.Context) -> str:
    """As typed: `--env TEXT`, a choice with its words."""
    name, value = option.opts[0], "" if option.is_flag else option.make_metavar(context)
    if value.startswith("["):
        return f"`{name}` " + ", ".join(f"`{word}`" for word in value.strip("[]").split("|"))
    return f"`{name} {value}`" if value else f"`{name}`"


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
