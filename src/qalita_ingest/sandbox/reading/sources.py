"""The systems that hold the data, as runs name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from qalita_ingest.sandbox.database.model import Dataset, Project, Source
from qalita_ingest.sandbox.reading.fields import fields_of_row
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    """`datasets` is how many of the project are in it."""

    id: int
    project: str
    name: str
    type: str
    database: str | None
    datasets: int


def list_sources(session: Session, *, project: str | None = None, window: Window = FIRST) -> Page[SourceView]:
    """By project and name. Raises `CursorError`."""
    datasets = (
        select(func.count()).select_from(Dataset).where(Dataset.source_id == Source.id).correlate(Source)
    ).scalar_subquery()
    query = select(
        Source.id, Project.name.label("project"), Source.name, Source.type, Source.database, datasets.label("datasets")
    ).join(Project, Project.id == Source.project_id)
    query = query if project is None else query.where(Project.name == project)
    return read_page(
        session,
        query,
        Order((Project.name, Source.name), (str, str)),
        window,
        lambda rows: [SourceView(**fields_of_row(SourceView, row)) for row in rows],
    )
