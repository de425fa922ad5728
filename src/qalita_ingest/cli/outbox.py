"""`qalita ingest flush` and `status`: the runs that wait on this machine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qalita_ingest.cli.options import endpoint_option, format_option, one_line_errors, via_option
from qalita_ingest.errors import KeptInOutboxError, RejectedError

if TYPE_CHECKING:
    from qalita_ingest.connection import Qalita, Via
    from qalita_ingest.delivery import Flushed, Outbox

KIBIBYTE = 1024


@click.command()
@click.option("--parked", is_flag=True, help="Send those that were refused as well.")
@endpoint_option
@via_option
@one_line_errors
def flush(*, parked: bool, endpoint: str | None, via: Via | None) -> None:
    """Send the runs that wait in the outbox, oldest first."""
    from qalita_ingest.connection import connect, waiting_elsewhere  # noqa: PLC0415 (not before it is needed: --help)
    from qalita_ingest.delivery import flush as send_pending  # noqa: PLC0415

    with connect(endpoint, via) as qalita:
        if parked:
            click.echo(f"{qalita.outbox.take_back()} parked run(s) wait again")
        flushed = []
        for one in send_pending(qalita.outbox, qalita.route):
            click.echo(_line(one))
            flushed.append(one)
        click.echo(_summary(flushed, qalita))
    for line in _elsewhere(waiting_elsewhere(endpoint, via)):
        click.echo(line)
    sys.exit(exit_code_of(flushed))


def _line(one: Flushed) -> str:
    if one.answer:
        word = "delivered" if one.answer.outcome == "accepted" else "known already"
        return f"{word:14} {one.label}: run {one.answer.run}"
    word = "parked" if one.is_parked else "kept"
    # What is said of a damaged file names it.
    subject = f"{one.label}: " if one.label else ""
    return f"{word:14} {subject}{' '.join(str(one.error).split())}"


def _summary(flushed: list[Flushed], qalita: Qalita) -> str:
    """What was sent now, and what is left in the outbox, from earlier too."""
    outcomes = [one.answer.outcome for one in flushed if one.answer]
    delivered = outcomes.count("accepted")
    known = f", {len(outcomes) - delivered} known already" if delivered < len(outcomes) else ""
    pending, parked = len(qalita.outbox.pending()), len(qalita.outbox.parked())
    return f"{delivered} delivered{known}, {pending} waiting, {parked} parked ({qalita.place})"


def _elsewhere(waiting: dict[str, int]) -> list[str]:
    """Of a server, the name of its folder is all that is known."""
    from qalita_ingest.connection import EMBEDDED  # noqa: PLC0415 (not before it is needed: --help)

    ways = {name: "--via embedded" if name == EMBEDDED else "--endpoint …" for name in waiting}
    return [f"{waiting[name]} run(s) wait for {name}: `qalita ingest flush {ways[name]}`" for name in waiting]


def exit_code_of(flushed: list[Flushed]) -> int:
    """Refused comes before kept."""
    for kind in (RejectedError, KeptInOutboxError):
        if any(isinstance(one.error, kind) for one in flushed):
            return kind.exit_code
    return 0


@click.command()
@endpoint_option
@format_option
@one_line_errors
def status(*, endpoint: str | None, output: str) -> None:
    """Show the store, the endpoint in use, and the runs that wait in the outbox; asks no server."""
    from qalita_ingest.connection import choose_endpoint, outboxes_in  # noqa: PLC0415 (not before it is needed: --help)
    from qalita_ingest.workspace import store_folder  # noqa: PLC0415

    store, chosen = store_folder(Path.cwd(), os.environ), choose_endpoint(endpoint, None, os.environ)
    found = {
        "store": str(store),
        "database": _database(store),
        "endpoint": chosen.url if chosen else None,
        "has_token": bool(chosen and chosen.token),
        "destinations": [_destination(name, outbox) for name, outbox in outboxes_in(store)],
    }
    click.echo(json.dumps(found, indent=2) if output == "json" else _as_text(found))


def _database(store: Path) -> str | None:
    """The PostgreSQL that keeps the rows, without its password; None where the folder keeps them. It is not asked."""
    url = os.environ.get("QALITA_DATABASE_URL")
    if not url:
        return None
    # Late: the settings know how a database is named, and need its library for it.
    from qalita_ingest.sandbox.settings import Settings, postgresql_url  # noqa: PLC0415

    return Settings(store, postgresql_url(url)).place


def _destination(name: str, outbox: Outbox) -> dict[str, Any]:
    from qalita_ingest.delivery import reason_of  # noqa: PLC0415 (not before it is needed: --help)

    parked = ((path, _waiting(path)) for path in outbox.parked())
    return {
        "name": name,
        "pending": [run for path in outbox.pending() if (run := _waiting(path))],
        "parked": [run | {"reason": reason_of(path)} for path, run in parked if run],
    }


def _waiting(path: Path) -> dict[str, Any] | None:
    """None: it was delivered meanwhile."""
    from qalita_ingest.delivery import DamagedEntryError, read_label  # noqa: PLC0415 (not before it is needed: --help)

    known: dict[str, Any] = {"project": None, "environment": None, "finished_at": None, "damage": None}
    try:
        known["size_bytes"] = path.stat().st_size
        label = read_label(path)
    except FileNotFoundError:
        return None
    except DamagedEntryError as error:
        return known | {"damage": str(error), "file": str(path)}
    named = {"project": label.project, "environment": label.environment, "finished_at": label.finished_at.isoformat()}
    return known | named | {"file": str(path)}


def _as_text(found: dict[str, Any]) -> str:
    token = "with a token" if found["has_token"] else "without a token"
    endpoint = f"{found['endpoint']} ({token})" if found["endpoint"] else "none: the embedded sandbox is used"
    lines = [
        line
        for destination in found["destinations"]
        for kind, word in (("pending", "waiting"), ("parked", "parked"))
        if destination[kind]
        for line in ("", f"{destination['name']}: {len(destination[kind])} {word}", *_lines(destination[kind]))
    ]
    place = f"{found['database']}, outbox in {found['store']}" if found["database"] else found["store"]
    return "\n".join([f"Store     {place}", f"Endpoint  {endpoint}", *(lines or ["Outbox    nothing waits"])])


def _lines(runs: list[dict[str, Any]]) -> list[str]:
    return [line for run in runs for line in _lines_of(run)]


def _lines_of(run: dict[str, Any]) -> list[str]:
    from qalita_ingest.cli.terminal import moment_in_words  # noqa: PLC0415 (not before it is needed: --help)

    size = f"{max(1, run['size_bytes'] // KIBIBYTE)} KiB"
    if run["damage"]:
        return [f"  {size:>10}  {run['damage']}"]
    first = f"  {size:>10}  {run['project']}, {run['environment']}, finished {moment_in_words(run['finished_at'])}"
    reason = run.get("reason")
    return [first, f"              {' '.join(reason.split())}"] if reason else [first]
