"""Results → the same results with some of their failing rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from qalita_ingest.errors import QalitaIngestError
from qalita_ingest.readers.dbt import read_manifest
from qalita_ingest.samples.candidates import failing_results, newest_by_relation, relation_of
from qalita_ingest.samples.exchange import Order, Table, readings_of
from qalita_ingest.samples.privacy import Patterns, column_policy
from qalita_ingest.samples.request import dbt_options
from qalita_ingest.samples.unreadable import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qalita_ingest.contract import Result, RunReport, Sample
    from qalita_ingest.readers.dbt import Manifest
    from qalita_ingest.samples.privacy import ColumnPolicy
    from qalita_ingest.samples.request import SampleRequest

MOST_ROWS = 1_000
MOST_ROWS_IN_ALL = 10_000
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class _Wanted:
    result: Result
    table: Table


def attach_samples(report: RunReport, request: SampleRequest) -> tuple[RunReport, list[str]]:
    """The report with samples, and a line for each thing that could not be sampled. Reads only, and never raises."""
    remarks: list[str] = []
    try:
        report = _attach(report, request, remarks) if request.rows > 0 else report
    except QalitaIngestError as error:
        remarks.append(f"no failing rows were read: {error}")
    except Exception as error:  # noqa: BLE001 - an extra: nothing that goes wrong here may cost the run
        # By its name only: nobody knows what a foreign message quotes.
        remarks.append(f"no failing rows were read ({type(error).__name__})")
    return report, remarks


def _attach(report: RunReport, request: SampleRequest, remarks: list[str]) -> RunReport:
    names = {check.key: check.name for check in report.checks}
    wanted = _wanted(report, request, names, remarks)
    if wanted and request.rows > MOST_ROWS:
        remarks.append(f"at most {MOST_ROWS} rows of a test are read, not {request.rows}")
    samples = {}
    for reading in readings_of(_order(report, request, wanted), TIMEOUT_SECONDS) if wanted else ():
        result = None if reading.table is None else wanted[reading.table].result
        if reading.remark:
            remarks.append(f"{names[result.check] if result else 'failing rows'}: {reading.remark}")
        if result and reading.sample:
            samples[result.check, result.invocation] = reading.sample
    return msgspec.structs.replace(report, results=tuple(_with_samples(report, samples)))


def _wanted(report: RunReport, request: SampleRequest, names: dict[str, str], remarks: list[str]) -> list[_Wanted]:
    """What to read; what not to, and why, goes to the remarks."""
    failing = list(failing_results(report))
    if not failing:
        return []
    manifest, newest = read_manifest(request.manifest), newest_by_relation(report)
    patterns = Patterns(include=request.include, exclude=request.exclude)
    wanted = []
    for result in failing:
        try:
            table = Table(relation_of(result, newest), _policy(result.check, manifest, patterns))
        except UnreadableError as error:
            remarks.append(f"{names[result.check]}: no failing rows: {error}")
        else:
            wanted.append(_Wanted(result, table))
    return wanted


def _policy(key: str, manifest: Manifest, patterns: Patterns) -> ColumnPolicy:
    test = manifest.node(key)
    parents = dict.fromkeys(filter(None, [test.attached_node, *test.parents])) if test else ()
    return column_policy(test, [manifest.node(parent) for parent in parents], patterns)


def _order(report: RunReport, request: SampleRequest, wanted: list[_Wanted]) -> Order:
    return Order(
        options=tuple(dbt_options(request)),
        adapter=report.context.adapter or "<adapter>",
        rows=min(request.rows, MOST_ROWS),
        rows_in_all=MOST_ROWS_IN_ALL,
        tables=tuple(one.table for one in wanted),
    )


def _with_samples(report: RunReport, samples: dict[tuple[str, str], Sample]) -> Iterator[Result]:
    for result in report.results:
        sample = samples.get((result.check, result.invocation))
        yield msgspec.structs.replace(result, sample=sample) if sample else result
