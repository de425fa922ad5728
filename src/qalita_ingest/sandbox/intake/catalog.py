"""What a project is known to hold: keys → ids, kept up to date with each report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import insert, select, update

from qalita_ingest.sandbox.database.model import Check, Dataset, Source

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport


@dataclass
class Known:
    """Of one table: key → id, and key → by which run it was last defined (time, last invocation)."""

    ids: dict[str, int] = field(default_factory=dict)
    defined: dict[str, tuple[datetime, str]] = field(default_factory=dict)


@dataclass
class Catalog:
    project_id: int
    datasets: Known
    checks: Known

    @classmethod
    def of(cls, session: Session, project_id: int) -> Catalog:
        return cls(project_id, _known(session, Dataset, project_id), _known(session, Check, project_id))

    def store(self, session: Session, report: RunReport) -> None:
        """Add what is new, and update what an earlier run defined; a late run changes no newer definition.

        Incomplete definitions only add: what is not of these results may be of another state of the project.
        """
        sources = self._store_sources(session, report)
        datasets = {one.key: _columns(one, "source") | {"source_id": sources[one.source]} for one in report.datasets}
        self._upsert(session, Dataset, self.datasets, datasets, report.order, may_update=report.definitions_complete)
        checks = {
            one.key: _columns(one, "dataset") | {"dataset_id": self.datasets.ids.get(one.dataset or "")}
            for one in report.checks
        }
        self._upsert(session, Check, self.checks, checks, report.order, may_update=report.definitions_complete)

    def _store_sources(self, session: Session, report: RunReport) -> dict[str, int]:
        query = select(Source.name, Source.id).where(Source.project_id == self.project_id)
        ids = dict(session.execute(query).all())
        added = [
            Source(project_id=self.project_id, **msgspec.structs.asdict(one))
            for one in report.sources
            if one.name not in ids
        ]
        session.add_all(added)
        session.flush()
        return ids | {one.name: one.id for one in added}

    def _upsert(
        self,
        session: Session,
        table: type[Dataset | Check],
        known: Known,
        rows: dict[str, dict[str, Any]],
        order: tuple[datetime, str],
        *,
        may_update: bool,
    ) -> None:
        defined = {"defined_at": order[0], "defined_by": order[1]}
        added = [row | defined | {"project_id": self.project_id} for key, row in rows.items() if key not in known.ids]
        changed = [
            row | defined | {"id": known.ids[key]}
            for key, row in rows.items()
            if may_update and key in known.ids and known.defined[key] < order
        ]
        if added:
            session.execute(insert(table), added)
        if changed:
            session.execute(update(table), changed)
        if added or changed:
            fresh = _known(session, table, self.project_id)
            known.ids, known.defined = fresh.ids, fresh.defined


def _known(session: Session, table: type[Dataset | Check], project_id: int) -> Known:
    query = select(table.key, table.id, table.defined_at, table.defined_by).where(table.project_id == project_id)
    rows = session.execute(query).all()
    return Known({key: row_id for key, row_id, *_ in rows}, {key: (at, by) for key, _, at, by in rows})


def _columns(entity: msgspec.Struct, without: str) -> dict[str, Any]:
    """`tags`, `columns` and `depends_on` become JSON lists; the rest are plain values."""
    values = msgspec.structs.asdict(entity)
    return {
        name: msgspec.to_builtins(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if name != without
    }
