"""What one run found, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import case, select

from qalita_ingest.contract import ResultStatus
from qalita_ingest.sandbox.database.model import Check, Dataset, Invocation, Result
from qalita_ingest.sandbox.reading.fields import fields_of_entity, fields_of_row
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page
from qalita_ingest.sandbox.reading.recent_results import score_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record

WORST_FIRST = (
    ResultStatus.ERROR,
    ResultStatus.FAILED,
    ResultStatus.WARNING,
    ResultStatus.NOT_MEASURED,
    ResultStatus.SKIPPED,
    ResultStatus.NOT_EXECUTED,
    ResultStatus.PASSED,
)


class RunResultView(msgspec.Struct, frozen=True, kw_only=True):
    """A result with the check that it is of. `score` is 0–1, None where there was no outcome.

    `sample` are failing rows, where they were taken: `columns`, `rows`, and the `masked` columns.
    """

    id: int
    check_id: int
    check: str
    name: str
    kind: str
    dataset_id: int | None
    dataset: str | None
    dataset_name: str | None
    column: str | None
    dimension: str
    severity: Literal["error", "warn"]
    invocation: str
    status: str
    tool_status: str | None
    score: float | None
    failures: int | None
    seconds: float | None
    message: str | None
    reason: str | None
    relation: str | None
    sample: dict[str, Any] | None


def list_run_results(
    session: Session,
    run_id: int,
    *,
    status: str | None = None,
    dimension: str | None = None,
    dataset: str | None = None,
    kind: str | None = None,
    window: Window = FIRST,
) -> Page[RunResultView]:
    """`dataset` is a dataset's key. Raises `CursorError`."""
    query = (
        select(
            Result,
            Check.key.label("check"),
            Check.name,
            Check.kind,
            Check.column,
            Check.dimension,
            Check.severity,
            Dataset.id.label("dataset_id"),
            Dataset.key.label("dataset"),
            Dataset.name.label("dataset_name"),
            Invocation.key.label("invocation"),
        )
        .join(Check, Check.id == Result.check_id)
        .join(Invocation, Invocation.id == Result.invocation_id)
        .outerjoin(Dataset, Dataset.id == Check.dataset_id)
        .where(Result.run_id == run_id)
    )
    wanted = {Result.status: status, Check.dimension: dimension, Dataset.key: dataset, Check.kind: kind}
    for column, value in wanted.items():
        query = query if value is None else query.where(column == value)
    rank = case({word.value: place for place, word in enumerate(WORST_FIRST)}, value=Result.status, else_=0)
    order = Order((rank, Result.id), (int, int))
    return read_page(session, query, order, window, lambda rows: [_view(row) for row in rows])


def _view(row: Record) -> RunResultView:
    result = row.Result
    fields = fields_of_row(RunResultView, row)
    columns = fields_of_entity(RunResultView, result)
    return RunResultView(score=score_of(result.status), **(columns | fields))
