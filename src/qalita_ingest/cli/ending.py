"""How an ingest ends: the run is printed, kept, delivered and judged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from qalita_ingest.cli.gate import reached, refuse_in_dry_run, unjudged
from qalita_ingest.errors import GateReachedError, QalitaIngestError

if TYPE_CHECKING:
    from qalita_ingest.cli.gate import Condition
    from qalita_ingest.connection import Via
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.mapping import Summary


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


def finish(report: RunReport, summary: Summary, ending: Ending) -> None:
    """Raises what delivery raises, and where that went well `GateReachedError`: 2, 4 and 3 come before 5."""
    answer = None
    if ending.is_dry_run:
        _print_undelivered(report, summary, ending.output)
    else:
        answer = _deliver_and_print(report, summary, ending)
    for line in unjudged(ending.fail_on, answer):
        note(line)
    if reasons := reached(ending.fail_on, summary, answer):
        raise GateReachedError("; ".join(reasons))


def note(line: str) -> None:
    """What is good to know, in one line, where it spoils no output; it may quote a file, and a file hold a secret."""
    from qalita_ingest.run_context import hidden, secrets_in  # noqa: PLC0415 (not before it is needed: --help)

    click.echo(f"qalita ingest: {hidden(' '.join(line.split()), secrets_in(os.environ))}", err=True)


def _deliver_and_print(report: RunReport, summary: Summary, ending: Ending) -> IngestAnswer:
    from qalita_ingest.cli.report import print_delivery  # noqa: PLC0415 (not before it is needed: --help)
    from qalita_ingest.connection import connect  # noqa: PLC0415
    from qalita_ingest.pipeline import deliver  # noqa: PLC0415

    with connect(ending.endpoint, ending.via) as qalita:
        try:
            delivery = deliver(report, qalita.outbox, qalita.route)
        except QalitaIngestError:
            # Delivered or not, what the files say is known.
            _print_undelivered(report, summary, ending.output)
            for reason in reached(ending.fail_on, summary, None):
                note(reason)
            raise
    if ending.output == "text":
        print_delivery(report, summary, delivery, qalita.place)
    else:
        _print_rendered(report, summary, delivery.answer, ending.output)
        for reason in delivery.left:
            note(f"an earlier run did not go along: {reason}")
    return delivery.answer


def _print_undelivered(report: RunReport, summary: Summary, output: str) -> None:
    from qalita_ingest.cli.report import print_summary  # noqa: PLC0415 (not before it is needed: --help)

    if output == "text":
        print_summary(summary)
    else:
        _print_rendered(report, summary, None, output)


def _print_rendered(report: RunReport, summary: Summary, answer: IngestAnswer | None, output: str) -> None:
    from qalita_ingest.formats import render  # noqa: PLC0415 (not before it is needed: --help)

    content = render(output, summary, report, answer)
    click.echo(content, nl=not content.endswith(b"\n"))
