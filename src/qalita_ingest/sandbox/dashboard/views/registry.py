"""What clients registered: sources and packs."""

from __future__ import annotations

from datetime import datetime

import msgspec

from qalita_ingest.sandbox.dashboard.pages import WindowOf
from qalita_ingest.sandbox.reading import (
    PackView,
    Page,
    RegisteredSourceView,
    SourceView,
    Window,
    list_packs,
    list_registered_sources,
    list_sources,
)
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf

MOST_SOURCES_OF_RUNS = 200


class SourcesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Both kinds have numbers of their own."""

    now: datetime
    registered: Page[RegisteredSourceView]
    of_runs: tuple[SourceView, ...]


class PacksPage(msgspec.Struct, frozen=True, kw_only=True):
    now: datetime
    packs: Page[PackView]


def sources(database: DatabaseOf, now: NowOf, window: WindowOf) -> SourcesPage:
    with database.reading() as session:
        return SourcesPage(
            now=now,
            registered=list_registered_sources(session, window),
            of_runs=list_sources(session, window=Window(MOST_SOURCES_OF_RUNS)).items,
        )


def packs(database: DatabaseOf, now: NowOf, window: WindowOf) -> PacksPage:
    with database.reading() as session:
        return PacksPage(now=now, packs=list_packs(session, window))
