"""What is measured: projects, environments, sources, datasets, exposures, checks.

Definitions of the run that finished last win, so that order of arrival makes no difference: `defined_at` is that run's
`finished_at`, and `defined_by` its last invocation, which settles the order of equal times.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qalita_ingest.sandbox.database.model.base import Base, Id, Key, LongText, Name, Word


class Project(Base):
    __tablename__ = "projects"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class Environment(Base):
    __tablename__ = "environments"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[Name]


class Source(Base):
    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[Name]
    type: Mapped[Word]
    database: Mapped[Name | None]


class Dataset(Base):
    __tablename__ = "datasets"
    __table_args__ = (UniqueConstraint("project_id", "key"),)
    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    key: Mapped[Key]
    name: Mapped[Name]
    kind: Mapped[Word]
    relation: Mapped[Key | None]
    description: Mapped[LongText | None]
    owner: Mapped[Name | None]
    tags: Mapped[list[Any]]
    columns: Mapped[list[Any]]
    depends_on: Mapped[list[Any]]
    path: Mapped[Key | None]
    meta: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    defined_at: Mapped[datetime]
    defined_by: Mapped[Name]


class Exposure(Base):
    """What people use the data in. `depends_on` holds keys of datasets."""

    __tablename__ = "exposures"
    __table_args__ = (UniqueConstraint("project_id", "key"),)
    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    key: Mapped[Key]
    name: Mapped[Name]
    type: Mapped[Word | None]
    url: Mapped[LongText | None]
    description: Mapped[LongText | None]
    owner: Mapped[Name | None]
    tags: Mapped[list[Any]]
    depends_on: Mapped[list[Any]]
    meta: Mapped[dict[str, Any]]
    defined_at: Mapped[datetime]
    defined_by: Mapped[Name]


class Check(Base):
    """`dataset_id` is null for a rule on several datasets at once."""

    __tablename__ = "checks"
    __table_args__ = (UniqueConstraint("project_id", "key"),)
    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    dataset_id: Mapped[int | None] = mapped_column(ForeignKey("datasets.id"))
    key: Mapped[Key]
    name: Mapped[Name]
    kind: Mapped[Word]
    column: Mapped[Name | None]
    dimension: Mapped[Word]
    severity: Mapped[Word]
    description: Mapped[LongText | None]
    owner: Mapped[Name | None]
    tags: Mapped[list[Any]]
    path: Mapped[Key | None]
    meta: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    defined_at: Mapped[datetime]
    defined_by: Mapped[Name]


class CatalogState(Base):
    """Which definitions of a scope were written last, and under which run; `digest` is that of all of them.

    While they stay the same, a run only has to put its own name to the rows that hold the name of the run before.
    """

    __tablename__ = "catalog_states"
    __table_args__ = (UniqueConstraint("project_id", "definitions_scope"),)
    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    definitions_scope: Mapped[Name]
    digest: Mapped[Name]
    defined_at: Mapped[datetime]
    defined_by: Mapped[Name]


class DefinitionSet(Base):
    """The keys that a run's manifest defined; runs with the same manifest share one. A missing key was removed."""

    __tablename__ = "definition_sets"
    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(unique=True)
    keys: Mapped[list[Any]]
