"""What a dataset is made from, and what is made from it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Dataset, Exposure
from qalita_ingest.sandbox.reading.fields import fields_of_entity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

LEVELS = 3


class LineageNode(msgspec.Struct, frozen=True, kw_only=True):
    """`level` is the distance from the dataset: -1 what it is made from, 1 what is made from it; 0 is itself."""

    id: int
    key: str
    name: str
    kind: str
    level: int


class ExposureView(msgspec.Struct, frozen=True, kw_only=True):
    """What people use the data in; it stands behind a dataset of the picture."""

    id: int
    key: str
    name: str
    type: str | None
    url: str | None
    description: str | None
    owner: str | None


class LineageEdge(msgspec.Struct, frozen=True, kw_only=True):
    """`target` is made from, or uses, `source`: keys."""

    source: str
    target: str


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """Three levels up and down, by level and name; `exposures` use the dataset or what is made from it."""

    datasets: tuple[LineageNode, ...]
    exposures: tuple[ExposureView, ...]
    edges: tuple[LineageEdge, ...]


def lineage_of(session: Session, project_id: int, key: str) -> Lineage:
    """`key` is that of a dataset of the project."""
    rows = session.execute(
        select(Dataset.id, Dataset.key, Dataset.name, Dataset.kind, Dataset.depends_on).where(
            Dataset.project_id == project_id
        )
    ).all()
    parents = {row.key: row.depends_on for row in rows}
    children = defaultdict(list)
    for child, its_parents in parents.items():
        for parent in its_parents:
            children[parent].append(child)
    levels = _levels(children, key, 1) | _levels(parents, key, -1) | {key: 0}
    nodes = [
        LineageNode(id=row.id, key=row.key, name=row.name, kind=row.kind, level=levels[row.key])
        for row in rows
        if row.key in levels
    ]
    below = {node.key for node in nodes if node.level >= 0}
    exposures = {one: below & set(one.depends_on) for one in _exposures(session, project_id)}
    used = {one: datasets for one, datasets in exposures.items() if datasets}
    return Lineage(
        datasets=tuple(sorted(nodes, key=lambda node: (node.level, node.name, node.key))),
        exposures=tuple(_view(one) for one in used),
        edges=_edges(
            {node.key: [one for one in parents[node.key] if one in levels] for node in nodes}
            | {one.key: sorted(datasets) for one, datasets in used.items()}
        ),
    )


def _levels(neighbours: Mapping[str, Sequence[str]], start: str, step: int) -> dict[str, int]:
    """Key → how far it is, level by level; each counts where it is met first."""
    levels = {start: 0}
    frontier = [start]
    for distance in range(1, LEVELS + 1):
        frontier = [key for known in frontier for key in neighbours.get(known, ()) if key not in levels]
        levels |= dict.fromkeys(frontier, distance * step)
    return levels


def _exposures(session: Session, project_id: int) -> Sequence[Exposure]:
    return session.scalars(select(Exposure).where(Exposure.project_id == project_id).order_by(Exposure.name)).all()


def _view(exposure: Exposure) -> ExposureView:
    return ExposureView(**fields_of_entity(ExposureView, exposure))


def _edges(parents: Mapping[str, Sequence[str]]) -> tuple[LineageEdge, ...]:
    return tuple(
        LineageEdge(source=parent, target=child) for child, its_parents in parents.items() for parent in its_parents
    )
