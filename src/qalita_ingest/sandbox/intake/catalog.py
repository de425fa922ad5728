"""What a project is known to hold: keys → ids, kept up to date with each report."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, select, update

from qalita_ingest.sandbox.database import (
    columns_of,
    ids_by,
    insert_columns,
    insert_row,
    update_columns,
    update_older_rows,
)
from qalita_ingest.sandbox.database.model import Base, CatalogState, Check, Dataset, Exposure, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Update
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
# Kinds that no manifest of dbt holds.
OF_DAGSTER = frozenset({"asset", "asset_check"})
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
        if not report.definitions_complete:
            self._write(session, report)
            return
        state = _State.of(session, self.project_id, report)
        if not state.is_the_same or not state.hand_over(session, report):
            self._write(session, report)
        state.keep(session, report)

    def _write(self, session: Session, report: RunReport) -> None:
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
        """`links`: what a column that points to another table holds for an entity. Returns key → id after it.

        What is known only by its rows gives way to any run that defines it; Dagster's own is defined by its own runs.
        """
        if self.report.definitions_complete:
            return self._store(table, entities, ids, fields=fields, by_run=self.report.order, links=links)
        own = [one for one in entities if getattr(one, "kind", None) in OF_DAGSTER]
        others = [one for one in entities if getattr(one, "kind", None) not in OF_DAGSTER]
        ids = self._store(table, own, ids, fields=fields, by_run=self.report.order, links=links)
        return self._store(table, others, ids, fields=fields, by_run=NEVER, links=links)

    def _store(
        self,
        table: type[Dataset | Exposure | Check],
        entities: Collection[Any],
        ids: dict[str, int],
        *,
        fields: Sequence[str],
        by_run: tuple[datetime, str],
        links: Mapping[str, Callable[[Any], int | None]],
    ) -> dict[str, int]:
        def columns(some: Sequence[Any]) -> dict[str, list[Any]]:
            linked: dict[str, list[Any]] = {name: list(map(link_of, some)) for name, link_of in links.items()}
            made = {name: [value] * len(some) for name, value in zip(BY_RUN, by_run, strict=True)}
            return columns_of(some, fields) | linked | made

        # In the order of the index that they go into.
        added = sorted((one for one in entities if one.key not in ids), key=attrgetter("key"))
        insert_columns(self.session, table, columns(added) | {"project_id": [self.project_id] * len(added)})
        if by_run is not NEVER and len(added) < len(entities):
            known = [one for one in entities if one.key in ids]
            update_older_rows(self.session, table, [ids[one.key] for one in known], columns(known), by_run)
        return _ids(self.session, table, self.project_id) if added else ids


_LAST = select(CatalogState.id, CatalogState.digest, CatalogState.defined_at, CatalogState.defined_by).where(
    CatalogState.project_id == bindparam("project"), CatalogState.definitions_scope == bindparam("scope")
)
_HAND_OVER: dict[type[Base], Update] = {
    table: update(table)
    .where(
        table.project_id == bindparam("project"),
        table.defined_at == bindparam("last_at"),
        table.defined_by == bindparam("last_by"),
    )
    .values(defined_at=bindparam("now_at"), defined_by=bindparam("now_by"))
    for table in (Dataset, Exposure, Check)
}


@dataclass(frozen=True)
class _State:
    """What was written last of the definitions of a scope. `last_id` is None where nothing was."""

    project_id: int
    digest: str
    order: tuple[datetime, str]
    last_id: int | None = None
    last_digest: str = ""
    last: tuple[datetime, str] = NEVER

    @classmethod
    def of(cls, session: Session, project_id: int, report: RunReport) -> _State:
        # Not canonical: what reads otherwise is written again, and that is all.
        said = msgspec.json.encode([report.sources, report.datasets, report.exposures, report.checks])
        digest = hashlib.blake2b(said, digest_size=32).hexdigest()
        named = {"project": project_id, "scope": report.definitions_scope}
        row = session.connection().execute(_LAST, named).first()
        last = (row.id, row.digest, (row.defined_at, row.defined_by)) if row else ()
        return cls(project_id, digest, report.order, *last)

    @property
    def is_the_same(self) -> bool:
        return self.digest == self.last_digest and self.order > self.last

    def hand_over(self, session: Session, report: RunReport) -> bool:
        """Put this run's name to the rows of the last. False where some of them have got another meanwhile."""
        names = dict(zip(("last_at", "last_by", "now_at", "now_by"), (*self.last, *self.order), strict=True))
        entities: dict[type[Base], Sequence[object]] = {
            Dataset: report.datasets,
            Exposure: report.exposures,
            Check: report.checks,
        }
        connection = session.connection()
        return all(
            connection.execute(_HAND_OVER[table], names | {"project": self.project_id}).rowcount == len(those)
            for table, those in entities.items()
            if those
        )

    def keep(self, session: Session, report: RunReport) -> None:
        if self.order <= self.last:
            return
        row = {"digest": self.digest, **dict(zip(BY_RUN, self.order, strict=True))}
        if self.last_id is None:
            owner = {"project_id": self.project_id, "definitions_scope": report.definitions_scope}
            insert_row(session, CatalogState, row | owner)
        else:
            update_columns(session, CatalogState, [self.last_id], {name: [value] for name, value in row.items()})


def _ids(session: Session, table: type[Dataset | Exposure | Check], project_id: int) -> dict[str, int]:
    return ids_by(session, table.key, table.project_id, project_id)
