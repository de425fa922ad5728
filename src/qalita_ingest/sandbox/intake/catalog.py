"""What a project is known to hold: keys → ids, kept up to date with each report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from qalita_ingest.sandbox.database import insert_rows, update_older_rows, values_of
from qalita_ingest.sandbox.database.model import Check, Dataset, Exposure, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport

# Columns that are fields of the entity of the same name.
OF_SOURCES = ("name", "type", "database")
OF_DATASETS = (
    "key", "name", "kind", "relation", "description", "owner", "tags", "columns", "depends_on", "path", "meta",
)  # fmt: skip
OF_EXPOSURES = ("key", "name", "type", "url", "description", "owner", "tags", "depends_on", "meta")
OF_CHECKS = (
    "key", "name", "kind", "column", "dimension", "severity", "description", "owner", "tags", "path", "meta",
)  # fmt: skip
BY_RUN = ("defined_at", "defined_by")
NEVER = (datetime(1970, 1, 1, tzinfo=UTC), "")


@dataclass
class Catalog:
    """Key → id of what the project holds."""

    project_id: int
    datasets: dict[str, int] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, project_id: int) -> Catalog:
        return cls(project_id, _ids(session, Dataset, project_id), _ids(session, Check, project_id))

    def store(self, session: Session, report: RunReport) -> None:
        """Add what is new, and update what an earlier run defined; a late run changes no newer definition.

        Incomplete definitions only add: what is not of these results may be of another state of the project.
        """
        kept = _Kept(session, self.project_id, report)
        sources = self._store_sources(session, report)
        self.datasets = kept.store(
            Dataset,
            report.datasets,
            self.datasets,
            OF_DATASETS,
            linked=("source_id",),
            links_of=lambda one: (sources[one.source],),
        )
        exposures = _ids(session, Exposure, self.project_id) if report.exposures else {}
        kept.store(Exposure, report.exposures, exposures, OF_EXPOSURES)
        datasets = self.datasets
        self.checks = kept.store(
            Check,
            report.checks,
            self.checks,
            OF_CHECKS,
            linked=("dataset_id",),
            links_of=lambda one: (datasets.get(one.dataset),),
        )

    def _store_sources(self, session: Session, report: RunReport) -> dict[str, int]:
        query = select(Source.name, Source.id).where(Source.project_id == self.project_id)
        ids = dict(session.execute(query).all())
        values = values_of(OF_SOURCES)
        added = [(*values(one), self.project_id) for one in report.sources if one.name not in ids]
        insert_rows(session, Source, [*OF_SOURCES, "project_id"], added)
        return dict(session.execute(query).all()) if added else ids


@dataclass
class _Kept:
    """Writes the definitions of one report."""

    session: Session
    project_id: int
    report: RunReport

    def store(
        self,
        table: type[Dataset | Exposure | Check],
        entities: Collection[Any],
        ids: dict[str, int],
        fields: Sequence[str],
        *,
        linked: Sequence[str] = (),
        links_of: Callable[[Any], tuple[Any, ...]] = lambda _: (),
    ) -> dict[str, int]:
        """`linked`: columns that point to other tables, filled by `links_of`. Returns key → id after it."""
        order, values = self.report.order, values_of(fields)
        # What is known only by its rows gives way to any run that defines it.
        first = order if self.report.definitions_complete else NEVER
        names = [*fields, *linked, *BY_RUN]
        added = [
            (*values(one), *links_of(one), *first, self.project_id)
            # In the order of the index that they go into.
            for one in sorted((one for one in entities if one.key not in ids), key=lambda one: one.key)
        ]
        insert_rows(self.session, table, [*names, "project_id"], added)
        if self.report.definitions_complete and len(added) < len(entities):
            known = [(*values(one), *links_of(one), *order, ids[one.key]) for one in entities if one.key in ids]
            update_older_rows(self.session, table, names, known, order)
        return _ids(self.session, table, self.project_id) if added else ids


def _ids(session: Session, table: type[Dataset | Exposure | Check], project_id: int) -> dict[str, int]:
    rows = session.execute(select(table.key, table.id).where(table.project_id == project_id))
    return dict(rows.all())
