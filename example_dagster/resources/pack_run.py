"""What became of a run of a pack: the client's exit code 0 is not believed, the server is asked."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from resources.client_home import ClientHome
from resources.client_process import Printed
from resources.qalita_server import QalitaServer

CREATED_JOB = re.compile(r"job created with id (\S+)", re.IGNORECASE)
REFUSED_UPLOAD = re.compile(r"failed pushing", re.IGNORECASE)
LINES_OF_A_FAILURE = 20


@dataclass(frozen=True)
class PackRun:
    """A job that the server says has succeeded. `documents`: kinds, of which it has what the pack left."""

    job_id: str
    name: str
    documents: list[str]
    url: str


def read_back(server: QalitaServer, home: ClientHome, folder: Path | None, printed: Printed) -> PackRun:
    """`folder` is the job's own, named as the job is; None: the client began none. Raises `dagster.Failure`."""
    if folder is None or (job := _job_of(server, folder, printed)) is None:
        raise failure_of(f"the server has no job of this run: {printed.last}", printed)
    if job.get("status") != "succeeded":
        why = job.get("error_message") or printed.last
        raise failure_of(f"the server says that job {job['id']} is {job.get('status')}: {why}", printed)
    if refused := next((line.strip() for line in printed.lines if REFUSED_UPLOAD.search(line)), None):
        raise failure_of(f"QALITA did not take what job {job['id']} found: {refused}", printed)
    left = home.documents_in(folder)
    if not left:
        raise failure_of(f"the pack of job {job['id']} left no metrics, recommendations or schemas", printed)
    kept = server.documents_since(job)
    if kept is not None and (lost := left - kept):
        raise failure_of(f"the server doesn't have the {', '.join(sorted(lost))} of job {job['id']}", printed)
    return PackRun(str(job["id"]), folder.name, sorted(left), f"{server.url}/jobs/{job['id']}")


def failure_of(description: str, printed: Printed) -> dg.Failure:
    """Not to be tried again: whatever the client had begun would begin once more."""
    output = "\n".join(printed.lines[-LINES_OF_A_FAILURE:])
    metadata = {
        "output": dg.MetadataValue.md(f"```\n{output}\n```"),
        "exit_code": dg.MetadataValue.int(printed.exit_code),
    }
    return dg.Failure(description, metadata=metadata, allow_retries=False)


def _job_of(server: QalitaServer, folder: Path, printed: Printed) -> dict[str, Any] | None:
    created = next((found[1] for line in printed.lines if (found := CREATED_JOB.search(line))), None)
    return server.job(folder.name, created)
