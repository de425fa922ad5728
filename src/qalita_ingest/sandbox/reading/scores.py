"""How scores went from run to run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Run, Score
from qalita_ingest.sandbox.reading.fields import fields_of_row
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record

Perimeter = Literal["project", "dimension", "dataset"]


class ScorePoint(msgspec.Struct, frozen=True, kw_only=True):
    """The score of one thing in one run, 0–1; `checks` is how many checks counted, `excluded` how many had no outcome.

    `key` is the project's name, a dimension or a dataset's key. `excluded` is None for runs of older versions.
    """

    run: int
    finished_at: datetime
    perimeter: Perimeter
    key: str
    value: float
    checks: int
    excluded: int | None


COLUMNS = (
    Run.id.label("run"),
    Run.finished_at,
    Score.perimeter,
    Score.key,
    Score.value,
    Score.checks,
    Score.excluded,
)


def list_scores(
    session: Session,
    environment_id: int,
    *,
    perimeter: Perimeter = "project",
    key: str | None = None,
    window: Window = FIRST,
) -> Page[ScorePoint]:
    """Newest run first; without a key all things of the perimeter. Raises `CursorError`."""
    query = (
        select(*COLUMNS)
        .join(Score, Score.run_id == Run.id)
        .where(Run.environment_id == environment_id, Score.perimeter == perimeter)
    )
    query = query if key is None else query.where(Score.key == key)
    order = Order((Run.finished_at, Score.id), (datetime, int), is_descending=True)
    return read_page(session, query, order, window, lambda rows: [_view(row) for row in rows])


def _view(row: Record) -> ScorePoint:
    return ScorePoint(**fields_of_row(ScorePoint, row))


def latest_scores(session: Session, run_id: int) -> tuple[ScorePoint, ...]:
    """All scores of one run: project, dimensions, datasets."""
    query = select(*COLUMNS).join(Score, Score.run_id == Run.id).where(Run.id == run_id).order_by(Score.id)
    return tuple(_view(row) for row in session.execute(query))
