"""How an ingest ends: the run is printed, kept, delivered and judged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from qalita_ingest.cli.gate import reached, refuse_in_dry_run, unexecuted, unjudged
from qalita_ingest.errors import GateReachedError, QalitaIngestError

if TYPE_CHECKING:
    from qalita_ingest.cli.gate import Condition
    from qalita_ingest.connection import Via
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.mapping import Summary

# Where several runs end differently, the command ends with the first of these exit codes that one of them has.
WORST_FIRST = (2, 4, 3, 5)
ROWS_NOT_ADDED = (
    "failing rows were not added: the run was delivered before; where it went without them, run the tests again"
)


@dataclass(frozen=True)
class Ending:
    """What the options say about it. `output` is one of the formats; stdout holds nothing else."""

    output: str
    endpoint: str | None = None
    is_dry_run: bool = False
    fail_on: tuple[Condition, ...] = ()
    via: Via | None = None

    def check(self) -> None:
        """Raises `SettingsError` for what can't be: better before anything runs."""
        if self.is_dry_run:
            refuse_in_dry_run(self.fail_on)


@dataclass
class Prepared:
    """A run, ready to be delivered."""

    report: RunReport
    summary: Summary


def finish(run: Prepared, ending: Ending) -> None:
    """Raises what delivery raises, and where that went well `GateReachedError`: 2, 4 and 3 come before 5."""
    answer = None
    try:
        if ending.is_dry_run:
            _print_undelivered(run, ending.output)
        else:
            answer = _deliver_and_print(run, ending)
    finally:
        # Whatever becomes of it: nothing else says that the files are the wrong ones.
        for line in unexecuted(run.summary, (one.command for one in run.report.invocations)):
            note(line)
    for line in unjudged(ending.fail_on, answer):
        note(line)
    if reasons := reached(ending.fail_on, run.summary, answer):
        raise GateReachedError("; ".join(reasons))


def note(line: str) -> None:
    """What is good to know, in one line, where it spoils no output; it may quote a file, and a file hold a secret."""
    from qalita_ingest.run_context import hidden, secrets_in  # noqa: PLC0415 (not before it is needed: --help)

    click.echo(f"qalita ingest: {hidden(' '.join(line.split()), secrets_in(os.environ))}", err=True)


def _deliver_and_print(run: Prepared, ending: Ending) -> IngestAnswer:
    from qalita_ingest.cli.report import print_delivery  # noqa: PLC0415 (not before it is needed: --help)
    from qalita_ingest.connection import connect  # noqa: PLC0415
    from qalita_ingest.delivery import deliver  # noqa: PLC0415

    with connect(ending.endpoint, ending.via) as qalita:
        try:
            delivery = deliver(run.report, qalita.outbox, qalita.route)
        except QalitaIngestError:
            # Delivered or not, what the files say is known.
            _print_undelivered(run, ending.output)
            for reason in reached(ending.fail_on, run.summary, None):
                note(reason)
            raise
    if ending.output == "text":
        print_delivery(run.report, run.summary, delivery, qalita.place, endpoint=ending.endpoint)
    else:
        _print_rendered(run, delivery.answer, ending.output)
        for reason in delivery.left:
            note(f"an earlier run did not go along: {reason}")
    if delivery.answer.outcome == "already_delivered" and any(one.sample for one in run.report.results):
        note(ROWS_NOT_ADDED)
    return delivery.answer


def _print_undelivered(run: Prepared, output: str) -> None:
    from qalita_ingest.cli.report import print_summary  # noqa: PLC0415 (not before it is needed: --help)

    if output == "text":
        print_summary(run.summary)
    else:
        _print_rendered(run, None, output)


def _print_rendered(run: Prepared, answer: IngestAnswer | None, output: str) -> None:
    from qalita_ingest.formats import render  # noqa: PLC0415 (not before it is needed: --help)

    content = render(output, run.summary, run.report, answer)
    click.echo(content, nl=not content.endswith(b"\n"))
