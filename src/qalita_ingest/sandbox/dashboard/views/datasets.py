"""A dataset: what it is, how it fares, what it is made from and what is made from it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from qalita_ingest.sandbox.dashboard.pages import WindowOf
from qalita_ingest.sandbox.dashboard.views.found import environments_of, found, place_of
from qalita_ingest.sandbox.reading import (
    CheckView,
    DatasetDetail,
    Page,
    find_dataset,
    list_checks,
    project_of_dataset,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf


class DatasetPage(msgspec.Struct, frozen=True, kw_only=True):
    now: datetime
    detail: DatasetDetail
    environments: list[str]
    checks: Page[CheckView]


def dataset(
    dataset_id: IdOf, database: DatabaseOf, now: NowOf, window: WindowOf, environment: str | None = None
) -> DatasetPage:
    what = f"dataset {dataset_id}"
    with database.reading() as session:
        place = place_of(session, project_of_dataset(session, dataset_id), environment, what)
        detail = found(find_dataset(session, dataset_id, place), what)
        return DatasetPage(
            now=now,
            detail=detail,
            environments=environments_of(session, place.project, now),
            checks=list_checks(session, place, dataset=detail.dataset.key, window=window),
        )
