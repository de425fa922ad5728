"""The runs of dbt Cloud, as far as they are used."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from qalita_ingest.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qalita_ingest.dbt_cloud.api import Api

Envelope = TypeVar("Envelope", bound=msgspec.Struct)

# https://docs.getdbt.com/dbt-cloud/api-v2: the codes of a run's status.
STATUSES = {1: "queued", 2: "starting", 3: "running", 10: "success", 20: "error", 30: "cancelled"}
FINISHED = (10, 20, 30)
CANCELLED = 30
# As many as dbt Cloud gives at once.
PAGE_SIZE = 100


class RunStep(msgspec.Struct, frozen=True):
    """One command of a job; `index` counts from 1 and names its artifacts."""

    index: int
    name: str = ""


class CloudRun(msgspec.Struct, frozen=True):
    id: int
    status: int
    git_sha: str | None = None
    git_branch: str | None = None
    href: str | None = None
    finished_at: str | None = None
    run_steps: list[RunStep] | None = None

    @property
    def run_id(self) -> str:
        """QALITA's name for the run."""
        return f"dbt-cloud-{self.id}"

    @property
    def state(self) -> str:
        return STATUSES.get(self.status, f"status {self.status}")

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def is_cancelled(self) -> bool:
        return self.status == CANCELLED

    @property
    def steps(self) -> list[RunStep]:
        return sorted(self.run_steps or [], key=lambda step: step.index)

    def finished_before(self, moment: datetime) -> bool:
        """A time that can't be read says nothing, so the run is not left out."""
        try:
            finished_at = datetime.fromisoformat(self.finished_at or "")
        except ValueError:
            return False
        return (finished_at if finished_at.tzinfo else finished_at.replace(tzinfo=UTC)) < moment


class _OneRun(msgspec.Struct):
    data: CloudRun


class _Runs(msgspec.Struct):
    data: list[CloudRun]


def finished_run(api: Api, number: int) -> CloudRun:
    """With its steps. Raises `InputError` when there is no such run, or it is still going on."""
    body = api.get(f"runs/{number}/", {"include_related": json.dumps(["run_steps"])})
    if body is None:
        raise InputError(f"dbt Cloud run {number}: there is no such run in account {api.account}; check its number")
    run = _decoded(body, _OneRun).data
    if not run.is_finished:
        raise InputError(f"dbt Cloud run {number} is {run.state}; its results are complete when it has ended: wait")
    return run


def finished_runs(api: Api, job: int, *, since: datetime | None = None) -> Iterator[CloudRun]:
    """Runs of a job that have ended, however; the newest first, without their steps."""
    known: set[int] = set()
    offset = 0
    while page := _page(api, job, offset):
        for run in page:
            if since and run.finished_before(since):
                return
            # A run that ends meanwhile moves the others down: the same one may come twice, none is left out.
            if run.is_finished and run.id not in known:
                known.add(run.id)
                yield run
        offset += len(page)


def _page(api: Api, job: int, offset: int) -> list[CloudRun]:
    parameters: dict[str, Any] = {
        "job_definition_id": job,
        "status__in": json.dumps(FINISHED),
        "order_by": "-finished_at",
        "limit": PAGE_SIZE,
        "offset": offset,
    }
    body = api.get("runs/", {name: str(value) for name, value in parameters.items()})
    if body is None:
        raise InputError(f"dbt Cloud knows no account {api.account} on this host; check --account and --host")
    return _decoded(body, _Runs).data


def _decoded(body: bytes, envelope: type[Envelope]) -> Envelope:
    try:
        return msgspec.json.decode(body, type=envelope)
    except msgspec.DecodeError as error:
        raise InputError(f"the answer is not dbt Cloud's ({error}); is the host right?") from None
