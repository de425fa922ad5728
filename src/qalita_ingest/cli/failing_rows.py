"""Failing rows, where they were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qalita_ingest.cli.ending import note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.contract import Result, RunReport
    from qalita_ingest.pipeline import DbtFiles
    from qalita_ingest.samples import SampleRequest


def with_failing_rows(report: RunReport, files: DbtFiles, request: SampleRequest, secrets: Iterable[str]) -> RunReport:
    """What could not be read is said on stderr. Data may hold what must not be passed on, too."""
    import msgspec  # noqa: PLC0415 (not before it is needed: --help)

    from qalita_ingest.mapping import secrets_in_variables  # noqa: PLC0415
    from qalita_ingest.readers.dbt import read_arguments  # noqa: PLC0415
    from qalita_ingest.run_context import hidden  # noqa: PLC0415
    from qalita_ingest.samples import attach_samples  # noqa: PLC0415

    every_secret = {*secrets}.union(*(secrets_in_variables(read_arguments(path).vars) for path in files.results))
    report, remarks = attach_samples(report, request)
    for remark in remarks:
        note(hidden(remark, every_secret))
    return msgspec.structs.replace(report, results=tuple(_without(every_secret, one) for one in report.results))


def _without(secrets: set[str], result: Result) -> Result:
    import msgspec  # noqa: PLC0415 (not before it is needed: --help)

    from qalita_ingest.run_context import hidden  # noqa: PLC0415

    if result.sample is None:
        return result
    rows = tuple(tuple(cell and hidden(cell, secrets) for cell in row) for row in result.sample.rows)
    return msgspec.structs.replace(result, sample=msgspec.structs.replace(result.sample, rows=rows))
