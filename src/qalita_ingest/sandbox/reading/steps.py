"""What a run built: models, seeds, snapshots, functions, hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Invocation, Step
from qalita_ingest.sandbox.reading.fields import fields_of_entity
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was built. `finding` is the severity of the issue that this outcome opens, or None."""

    id: int
    key: str
    name: str
    kind: str
    invocation: str
    status: str
    tool_status: str | None
    finding: str | None
    message: str | None


def list_run_steps(session: Session, run_id: int, window: Window = FIRST) -> Page[StepView]:
    """In the order in which the run reported them. Raises `CursorError`."""
    query = (
        select(Step, Invocation.key).join(Invocation, Invocation.id == Step.invocation_id).where(Step.run_id == run_id)
    )
    return read_page(session, query, Order((Step.id,), (int,)), window, lambda rows: [_view(row) for row in rows])


def _view(row: Record) -> StepView:
    columns = fields_of_entity(StepView, row.Step)
    return StepView(**(columns | {"invocation": row.key}))
