"""A platform of before the v2 ingestion, on loopback: the upload endpoints as released clients use them.

Bare arrays for lists, 204 for a source or a pack that it does not have, 201 for a new worker and a new job, 200 for
every other success. Two generations: `agents` (sources with versions, jobs with an agent_id) and `workers`.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from servers import Answer, Call

SOURCE_ID, PACK_ID = 7, 3
NOT_FOUND = 404, {"detail": "Not Found"}


@dataclass
class Fault:
    """`status` in place of the true answer, `times` times; `after`: what was asked for is done nevertheless."""

    method: str
    path: str
    status: int
    times: int = 100
    after: bool = False


@dataclass
class Upload:
    kind: str
    query: dict[str, str]
    filename: str | None
    document: Any


@dataclass
class Platform:
    generation: Literal["agents", "workers"] = "workers"
    jobs: list[dict[str, Any]] = field(default_factory=list)
    workers: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> Answer:
        with self.lock:
            path = urlsplit(call.path).path
            self.asked.append(f"{call.method} {path}")
            if "authorization" not in call.headers:
                return 401, b'{"detail": "Not authenticated"}'
            fault = self._fault(call.method, path)
            status, document = (0, None) if fault and not fault.after else self._answer(call, path)
            body = b"" if document is None else json.dumps(document).encode()
            return (fault.status, b'{"detail": "as the test wants"}') if fault else (status, body)

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if (fault.method, fault.path) == (method, path) and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _answer(self, call: Call, path: str) -> tuple[int, Any]:
        parts = path.strip("/").split("/")[1:]
        return self._read(parts) if call.method == "GET" else self._write(call, parts)

    def _read(self, parts: list[str]) -> tuple[int, Any]:
        match parts:
            case ["v1", "version"]:
                return 200, {"version": "2.5.4" if self.generation == "agents" else "3.2.1"}
            case ["v2", "jobs"]:
                return 200, self.jobs
            case ["v2", "sources", identifier]:
                return (200, self._source()) if identifier == str(SOURCE_ID) else (204, None)
            case ["v2", "packs", identifier]:
                return (200, self._pack()) if identifier == str(PACK_ID) else (204, None)
            case ["v2", kind] if kind == self.generation:
                return 200, self.workers
        return NOT_FOUND

    def _write(self, call: Call, parts: list[str]) -> tuple[int, Any]:
        match (call.method, parts):
            case ("POST", ["v2", kind, "create"]) if kind == self.generation:
                return 201, self._add(self.workers, json.loads(call.body))
            case ("POST", ["v2", "jobs", "create"]):
                return self._create_job(json.loads(call.body))
            case ("POST", ["v1", ("recommendations" | "schemas" | "metrics") as kind, "upload"]):
                return self._take(kind, call)
            case ("PUT", ["v2", "jobs", identifier]):
                return self._update_job(identifier, json.loads(call.body))
        return NOT_FOUND

    def _source(self) -> dict[str, Any]:
        source = {"id": SOURCE_ID, "name": "opendata", "type": "duckdb"}
        versions = [{"id": 71, "sem_ver_id": "1.0.0"}]
        return source | ({"versions": versions} if self.generation == "agents" else {})

    def _pack(self) -> dict[str, Any]:
        versions = [("1.2.0", 31), ("1.10.0", 33), ("1.9.0", 32)]
        return {"id": PACK_ID, "versions": [{"id": one, "sem_ver_id": text, "asset_id": one} for text, one in versions]}

    def _add(self, things: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
        things.append({"id": len(things) + 1, **body})
        return things[-1]

    def _create_job(self, body: dict[str, Any]) -> tuple[int, Any]:
        needed = {"name", "source_id", "pack_id", "pack_version_id", "start_date", "status"}
        needed |= {"agent_id", "source_version_id"} if self.generation == "agents" else {"worker_id"}
        if missing := sorted(needed - body.keys()):
            return 422, {"detail": f"{missing} missing"}
        # Of the body only what is known is kept; ids may come as text.
        job = self._add(self.jobs, {name: body[name] for name in sorted(needed)})
        job["source"], job["pack"] = {"id": int(job.pop("source_id"))}, {"id": int(job.pop("pack_id"))}
        return 201, {"id": job["id"]}

    def _update_job(self, identifier: str, body: dict[str, Any]) -> tuple[int, Any]:
        job = next(job for job in self.jobs if str(job["id"]) == identifier)
        job.update(body)
        return 200, job

    def _take(self, kind: str, call: Call) -> tuple[int, Any]:
        head = b"Content-Type: " + call.headers["content-type"].encode() + b"\r\n\r\n"
        (part,) = message_from_bytes(head + call.body, policy=policy.HTTP).iter_parts()
        if part.get_param("name", header="content-disposition") != "file":
            return 422, {"detail": "one part named file is needed"}
        query = dict(parse_qsl(urlsplit(call.path).query))
        self.uploads.append(Upload(kind, query, part.get_filename(), json.loads(part.get_payload(decode=True))))
        return 200, {}
