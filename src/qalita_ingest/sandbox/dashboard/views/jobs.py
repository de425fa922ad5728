"""Jobs: the list of them, and one with its logs and what its pack found."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from qalita_ingest.sandbox.dashboard.pages import WindowOf
from qalita_ingest.sandbox.dashboard.views.found import found
from qalita_ingest.sandbox.dashboard.views.uploads import UploadedView, uploads_of
from qalita_ingest.sandbox.reading import JobDetail, JobView, Page, find_job, list_jobs
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf

Kind = Literal["ingest", "pack", ""]
Status = Literal["pending", "running", "succeeded", "failed", ""]
MOST_OF_A_KIND = 500


class JobsPage(msgspec.Struct, frozen=True, kw_only=True):
    now: datetime
    filters: dict[str, str | None]
    jobs: Page[JobView]


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """`uploads` has at most `most_of_a_kind` of each kind; `counts` is kind → how many there are."""

    now: datetime
    detail: JobDetail
    most_of_a_kind: int
    counts: dict[str, int]
    uploads: list[UploadedView]


def jobs(database: DatabaseOf, now: NowOf, window: WindowOf, kind: Kind = "", status: Status = "") -> JobsPage:
    with database.reading() as session:
        return JobsPage(
            now=now,
            filters={"kind": kind, "status": status},
            jobs=list_jobs(session, kind=kind or None, status=status or None, window=window),
        )


def job(job_id: IdOf, database: DatabaseOf, now: NowOf, window: WindowOf) -> JobPage:
    """A download has all that was found."""
    most = max(window.limit, MOST_OF_A_KIND)
    with database.reading() as session:
        detail = found(find_job(session, job_id), f"job {job_id}")
        uploads = uploads_of(session, job_id, most)
    return JobPage(now=now, detail=detail, most_of_a_kind=most, counts=uploads.counts, uploads=uploads.entries)
