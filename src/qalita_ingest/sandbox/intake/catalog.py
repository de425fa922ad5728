"""What a project is known to hold: keys → ids, kept up to date with each report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from qalita_ingest.sandbox.database import columns_of, ids_by, insert_columns, update_older_rows
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
            Dataset, report.datasets, self.datasets, OF_DATASETS, source_id=lambda one: sources[one.source]
        )
        exposures = _ids(session, Exposure, self.project_id) if report.exposures else {}
        kept.store(Exposure, report.exposures, exposures, OF_EXPOSURES)
        datasets = self.datasets
        self.checks = kept.store(
            Check, report.checks, self.checks, OF_CHECKS, dataset_id=lambda one: datasets.get(one.dataset)
        )

    def links(self, subject: str) -> tuple[int | None, int | None]:
        """The ids of the check and of the dataset of that key."""
        return self.checks.get(subject), self.datasets.get(subject)

    def _store_sources(self, session: Session, report: RunReport) -> dict[str, int]:
        ids = ids_by(session, Source.name, Source.project_id, self.project_id)
        added = [one for one in report.sources if one.name not in ids]
        insert_columns(session, Source, columns_of(added, OF_SOURCES) | {"project_id": [self.project_id] * len(added)})
        return ids_by(session, Source.name, Source.project_id, self.project_id) if added else ids


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
        **links: Callable[[Any], int | None],
    ) -> dict[str, int]:
        """`links`: what a column that points to another table holds for an entity. Returns key → id after it."""
        # What is known only by its rows gives way to any run that defines it.
        order, is_complete = self.report.order, self.report.definitions_complete
        by_run = order if is_complete else NEVER

        def columns(some: Sequence[Any]) -> dict[str, list[Any]]:
            linked: dict[str, list[Any]] = {name: list(map(link_of, some)) for name, link_of in links.items()}
            made = {name: [value] * len(some) for name, value in zip(BY_RUN, by_run, strict=True)}
            return columns_of(some, fields) | linked | made

        # In the order of the index that they go into.
        added = sorted((one for one in entities if one.key not in ids), key=attrgetter("key"))
        insert_columns(self.session, table, columns(added) | {"project_id": [self.project_id] * len(added)})
        if is_complete and len(added) < len(entities):
            known = [one for one in entities if one.key in ids]
            update_older_rows(self.session, table, [ids[one.key] for one in known], columns(known), order)
        return _ids(self.session, table, self.project_id) if added else ids


def _ids(session: Session, table: type[Dataset | Exposure | Check], project_id: int) -> dict[str, int]:
    return ids_by(session, table.key, table.project_id, project_id)
