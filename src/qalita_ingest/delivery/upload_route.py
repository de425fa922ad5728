"""The upload endpoints that platforms without v2 ingestion have: a job, three documents, and the job's end.

They know no key, so a run arrives at least once: its job carries a name made of its idempotency key and is looked for
first. One that succeeded was delivered. One that did not is taken up again, and the documents go again: those that had
arrived before are there twice. It is set running first: the platform ties documents to a job that runs.
"""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from qalita_ingest.contract import IngestAnswer, RunReport, decode_report
from qalita_ingest.contract.scores import score_report
from qalita_ingest.delivery.client import KEPT, ask, described
from qalita_ingest.delivery.platform_answers import Job, Reference, Versioned, Worker
from qalita_ingest.delivery.platform_files import platform_files
from qalita_ingest.errors import KeptInOutboxError, QalitaIngestError, RejectedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qalita_ingest.delivery.outbox import Entry

SOURCE_VARIABLE, PACK_VARIABLE = "QALITA_SOURCE_ID", "QALITA_PACK_ID"
WORKER_VARIABLES = ("QALITA_AGENT_NAME", "QALITA_WORKER_NAME")
WORKER_NAME = "qalita-ingest"
LENGTH_OF_KEY = 16
# Until 2.5.1 of the vendor's client a worker was called agent.
WORKER_PATHS = ("/api/v2/workers", "/api/v2/agents")
# What a platform says of a source or a pack that it does not have, and of a path that it does not know.
UNKNOWN = frozenset({httpx2.codes.NO_CONTENT, httpx2.codes.NOT_FOUND})

T = TypeVar("T")


@dataclass(frozen=True)
class _Place:
    """Where the documents belong, as every request names it."""

    identifiers: dict[str, int | str]
    worker_id: int | str


def upload_route(client: httpx2.Client, environ: Mapping[str, str]) -> UploadRoute:
    """Raises `SettingsError` where one of the two ids is missing."""
    ids = {name: environ.get(name, "").strip() for name in (SOURCE_VARIABLE, PACK_VARIABLE)}
    if missing := [name for name, value in ids.items() if not value]:
        raise SettingsError(
            f"--via upload: set {' and '.join(missing)}: the numbers that QALITA shows for the source and the pack"
        )
    names = (environ.get(name, "").strip() for name in WORKER_VARIABLES)
    worker_name = next(filter(None, names), WORKER_NAME)
    return UploadRoute(client, ids[SOURCE_VARIABLE], ids[PACK_VARIABLE], worker_name=worker_name)


class UploadRoute:
    """Source, pack and worker are looked up once, with the first run."""

    def __init__(
        self,
        client: httpx2.Client,
        source_id: str,
        pack_id: str,
        *,
        worker_name: str = WORKER_NAME,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._source_id, self._pack_id = source_id, pack_id
        self._worker_name = worker_name
        self._clock = clock
        self._place: _Place | None = None

    def send(self, entry: Entry) -> IngestAnswer:
        """Raises `KeptInOutboxError` when QALITA can't be reached, `RejectedError` when it will not take the run."""
        report = _report_in(entry)
        name = f"qalita-ingest-{entry.key[:LENGTH_OF_KEY]}"
        job = self._find_job(name)
        if job and job.status == "succeeded":
            delivered_at = job.ended_at or report.context.finished_at
            return _answer(report, job.id, "already_delivered", delivered_at)
        place = self._find_place()
        job_id = self._begin_again(job, place) if job else self._create_job(name, place)
        self._upload_all(report, place, job_id)
        self._end_job(job_id, "succeeded")
        return _answer(report, job_id, "accepted", self._clock())

    def _find_job(self, name: str) -> Job | None:
        jobs = self._listed("/api/v2/jobs", list[Job])
        ours = [job for job in jobs if job.name == name and job.is_on(self._source_id)]
        return next((job for job in ours if job.status == "succeeded"), ours[0] if ours else None)

    def _find_place(self) -> _Place:
        if self._place is None:
            source_version = self._versioned("sources", self._source_id, SOURCE_VARIABLE).newest
            pack_version = self._versioned("packs", self._pack_id, PACK_VARIABLE).newest
            if pack_version is None:
                raise RejectedError(f"pack {self._pack_id} has no version: push it first (qalita pack push)")
            identifiers: dict[str, int | str] = {"source_id": self._source_id, "pack_id": self._pack_id}
            if source_version:
                identifiers["source_version_id"] = source_version.id
            identifiers["pack_version_id"] = pack_version.id
            self._place = _Place(identifiers, self._find_worker())
        return self._place

    def _versioned(self, kind: str, identifier: str, variable: str) -> Versioned:
        response = ask(self._client, "GET", f"/api/v2/{kind}/{quote(identifier, safe='')}")
        if response.status_code in UNKNOWN:
            raise RejectedError(f"QALITA knows no {kind[:-1]} {identifier}; check {variable}")
        return self._read(response, Versioned)

    def _find_worker(self) -> int | str:
        """A job belongs to a worker. Ours only carries the name: it claims nothing."""
        for path in WORKER_PATHS:
            if (workers := self._workers(path)) is not None:
                return self._worker_named(workers) or self._create_worker(path)
        raise RejectedError(f"{self._client.base_url} knows neither workers nor agents; is the endpoint right?")

    def _workers(self, path: str) -> list[Worker] | None:
        response = ask(self._client, "GET", path)
        if response.status_code == httpx2.codes.NOT_FOUND:
            return None
        return [] if response.status_code == httpx2.codes.NO_CONTENT else self._read(response, list[Worker])

    def _worker_named(self, workers: list[Worker]) -> int | str | None:
        return next((worker.id for worker in workers if worker.name == self._worker_name), None)

    def _create_worker(self, path: str) -> int | str:
        """The answer's body is not described; the list holds the new one."""
        body = {"name": self._worker_name, "mode": "job", "status": "online", "is_active": True}
        response = ask(self._client, "POST", f"{path}/create", json=body)
        identifier = self._worker_named(self._listed(path, list[Worker])) if response.is_success else None
        if identifier is None:
            raise RejectedError(f"QALITA did not make a worker named {self._worker_name} ({described(response)})")
        return identifier

    def _create_job(self, name: str, place: _Place) -> int | str:
        body = {"name": name, **self._begun(place)}
        response = ask(self._client, "POST", "/api/v2/jobs/create", json=body)
        if not response.is_success:
            raise RejectedError(f"QALITA did not make a job for the run ({described(response)})")
        return self._read(response, Reference).id

    def _begin_again(self, job: Job, place: _Place) -> int | str:
        response = ask(self._client, "PUT", f"/api/v2/jobs/{job.id}", json=self._begun(place))
        if not response.is_success:
            raise RejectedError(f"QALITA would not begin job {job.id} of the run again ({described(response)})")
        return job.id

    def _begun(self, place: _Place) -> dict[str, int | str]:
        # Each generation of platforms reads the name that it knows of the two, and leaves the other alone.
        worker = {"agent_id": place.worker_id, "worker_id": place.worker_id}
        return {**worker, **place.identifiers, "start_date": self._now(), "status": "running"}

    def _upload_all(self, report: RunReport, place: _Place, job_id: int | str) -> None:
        for name, content in platform_files(report).as_json().items():
            path = f"/api/v1/{name.removesuffix('.json')}/upload"
            response = ask(self._client, "POST", path, params=place.identifiers, files={"file": (name, content)})
            if not response.is_success:
                with suppress(QalitaIngestError):
                    self._end_job(job_id, "failed")
                raise RejectedError(f"QALITA rejected {name} with {described(response)}")

    def _end_job(self, job_id: int | str, status: Literal["succeeded", "failed"]) -> None:
        body = {"end_date": self._now(), "status": status}
        response = ask(self._client, "PUT", f"/api/v2/jobs/{job_id}", json=body)
        if not response.is_success:
            raise RejectedError(
                f"QALITA took the results, and would not end job {job_id} ({described(response)}); "
                f"sent again they would be there twice"
            )

    def _now(self) -> str:
        """As the vendor's client writes it: UTC, without a zone."""
        return f"{self._clock():%Y-%m-%d %H:%M:%S}"

    def _listed(self, path: str, kind: type[list[T]]) -> list[T]:
        response = ask(self._client, "GET", path)
        return [] if response.status_code == httpx2.codes.NO_CONTENT else self._read(response, kind)

    def _read(self, response: httpx2.Response, kind: type[T]) -> T:
        if not response.is_success:
            raise RejectedError(f"QALITA refused {response.request.url.path} with {described(response)}")
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, RecursionError):
            raise KeptInOutboxError(
                f"{self._client.base_url}: the answer of {response.request.url.path} is not QALITA's; "
                f"is the endpoint right? {KEPT}"
            ) from None


def _report_in(entry: Entry) -> RunReport:
    try:
        return decode_report(gzip.decompress(entry.content))
    except (OSError, EOFError, zlib.error, msgspec.DecodeError, RecursionError) as error:
        raise RejectedError(f"{entry.path.name} is damaged ({error}) and can't be sent") from None


def _answer(
    report: RunReport, job_id: int | str, outcome: Literal["accepted", "already_delivered"], delivered_at: datetime
) -> IngestAnswer:
    """`run` is the number of the job, 0 where the platform's ids are no numbers. Of issues nothing is told."""
    is_new = outcome == "accepted"
    return IngestAnswer(
        outcome=outcome,
        run=int(job_id) if str(job_id).isdecimal() else 0,
        delivered_at=delivered_at,
        new_results=len(report.results) if is_new else 0,
        known_results=0 if is_new else len(report.results),
        scores=score_report(report),
        open_issues=None,
    )
