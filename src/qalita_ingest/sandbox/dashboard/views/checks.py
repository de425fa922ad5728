"""A check: its history in one environment."""

from __future__ import annotations

from datetime import datetime

import msgspec

from qalita_ingest.sandbox.dashboard.pages import WindowOf
from qalita_ingest.sandbox.dashboard.views.found import environments_of, found, place_of
from qalita_ingest.sandbox.issues import IssueView, find_issues
from qalita_ingest.sandbox.reading import (
    CheckResultView,
    CheckView,
    Page,
    find_check,
    list_check_results,
    project_of_check,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf


class CheckPage(msgspec.Struct, frozen=True, kw_only=True):
    """`issue` is the one of this check in this environment; None where none was ever opened."""

    now: datetime
    check: CheckView
    environments: list[str]
    issue: IssueView | None
    results: Page[CheckResultView]


def check(
    check_id: IdOf, database: DatabaseOf, now: NowOf, window: WindowOf, environment: str | None = None
) -> CheckPage:
    what = f"check {check_id}"
    with database.reading() as session:
        place = place_of(session, project_of_check(session, check_id), environment, what)
        known = found(find_check(session, check_id, place), what)
        issues = find_issues(session, now=now, environment_id=place.id, subjects={known.key})
        return CheckPage(
            now=now,
            check=known,
            environments=environments_of(session, place.project, now),
            issue=issues[0] if issues else None,
            results=list_check_results(session, check_id, place.id, window),
        )
