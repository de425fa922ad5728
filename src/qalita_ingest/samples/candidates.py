"""Which results have a table of failing rows, and why the others have none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qalita_ingest.contract import ResultStatus
from qalita_ingest.samples.unreadable import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qalita_ingest.contract import Result, RunReport

# Up to catalogue.database.schema.table, each plain or quoted; nothing else is put into a query.
_PART = r'(?:"(?:[^"\x00-\x1f]|"")+"|`[^`\x00-\x1f]+`|\[[^\]\x00-\x1f]+\]|[\w$-]+)'
_RELATION = re.compile(rf"{_PART}(?:\.{_PART}){{0,3}}")


def failing_results(report: RunReport) -> Iterator[Result]:
    """Data tests that found rows. One that ended with an error found none: a table of its is of an earlier run."""
    tests = {check.key for check in report.checks if check.kind == "data_test"}
    for result in report.results:
        if result.check in tests and result.status in {ResultStatus.FAILED, ResultStatus.WARNING}:
            yield result


def newest_by_relation(report: RunReport) -> dict[str, Result]:
    """Each table as the last test run left it: dbt writes it anew every time, also when nothing fails any more."""
    order = {one.id: (one.finished_at, one.id) for one in report.invocations}
    newest: dict[str, Result] = {}
    for result in report.results:
        if result.relation and result.status.is_outcome:
            other = newest.get(result.relation)
            if other is None or order[result.invocation] > order[other.invocation]:
                newest[result.relation] = result
    return newest


def relation_of(result: Result, newest: dict[str, Result]) -> str:
    """The table to read, as a query may name it. Raises `UnreadableError`."""
    if not result.relation:
        raise UnreadableError("dbt kept none: store_failures is off for this test")
    if newest[result.relation] is not result:
        raise UnreadableError("a later run of the test has rewritten its table")
    if not _RELATION.fullmatch(result.relation):
        raise UnreadableError("its relation_name is not the name of a table")
    return result.relation
