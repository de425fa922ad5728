"""A stand-in for dbt Cloud's Administrative API v2 on loopback: the routes, codes and quirks that we rely on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from servers import Answer, Call, Server, serving

ACCOUNT = "4711"
TOKEN = "dbtc_right"
SUCCESS, ERROR, CANCELLED, RUNNING, QUEUED = 10, 20, 30, 3, 1
PREPARING = ["Clone git repository", "Create profile from connection DuckDB", "Invoke dbt with `dbt deps`"]


@dataclass
class Run:
    """`steps`: name → artifacts, in order; the index of a step counts from 1."""

    id: int
    status: int = SUCCESS
    job: int = 7
    finished_at: str | None = "2026-01-01 02:00:00.000000+00:00"
    steps: dict[str, dict[str, bytes]] = field(default_factory=dict)
    git_sha: str = "0123456789abcdef0123456789abcdef01234567"

    def as_json(self, url: str, *, with_steps: bool) -> dict[str, Any]:
        steps = [{"index": index, "name": name, "logs": "…"} for index, name in enumerate(self.steps, 1)]
        return {
            "id": self.id,
            "status": self.status,
            "job_definition_id": self.job,
            "finished_at": self.finished_at,
            "git_sha": self.git_sha,
            "git_branch": "main",
            "href": f"{url}/deploy/{ACCOUNT}/projects/1/runs/{self.id}/",
            "run_steps": steps if with_steps else [],
        }


@dataclass
class Cloud:
    """`answers_before`: given first, one for each request, in turn; `largest_page`: dbt Cloud gives 100 at most."""

    runs: dict[int, Run]
    largest_page: int = 100
    answers_before: list[Answer] = field(default_factory=list)
    server: Server = field(default_factory=lambda: Server(""))

    @property
    def paths(self) -> list[str]:
        return [call.path for call in self.server.calls]

    def answer(self, call: Call) -> Answer:
        if self.answers_before:
            return self.answers_before.pop(0)
        if call.headers.get("authorization") != f"Token {TOKEN}":
            return 401, b'{"status": {"code": 401, "user_message": "Invalid token."}}'
        split = urlsplit(call.path)
        asked = {name: values[0] for name, values in parse_qs(split.query).items()}
        if split.path == f"/api/v2/accounts/{ACCOUNT}/runs/":
            return _json(self._page(asked))
        found = re.fullmatch(rf"/api/v2/accounts/{ACCOUNT}/runs/(\d+)/(?:artifacts/([a-z_]+\.json))?", split.path)
        run = self.runs.get(int(found[1])) if found else None
        if found is None or run is None:
            return 404, b'{"status": {"code": 404, "user_message": "Not found."}}'
        return self._artifact(run, found[2], asked) if found[2] else self._run(run, asked)

    def _page(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        assert asked["order_by"] == "-finished_at"
        wanted = [run for run in self.runs.values() if run.job == int(asked["job_definition_id"])]
        wanted = [run for run in wanted if run.status in json.loads(asked["status__in"])]
        wanted.sort(key=lambda run: run.finished_at or "", reverse=True)
        first = int(asked["offset"])
        page = wanted[first : first + min(int(asked["limit"]), self.largest_page)]
        return [run.as_json(self.server.url, with_steps=False) for run in page]

    def _run(self, run: Run, asked: dict[str, str]) -> Answer:
        return _json(run.as_json(self.server.url, with_steps="run_steps" in asked.get("include_related", "")))

    def _artifact(self, run: Run, name: str, asked: dict[str, str]) -> Answer:
        """Without `step` it is the last step's, as dbt Cloud has it."""
        steps = list(run.steps.values())
        content = steps[int(asked.get("step", len(steps))) - 1].get(name)
        return (404, b'{"status": {"code": 404}}') if content is None else (200, content)


def _json(data: Any) -> Answer:
    return 200, json.dumps({"data": data, "status": {"code": 200}}).encode()


@contextmanager
def serving_cloud(*runs: Run, largest_page: int = 100) -> Iterator[Cloud]:
    cloud = Cloud({run.id: run for run in runs}, largest_page)
    with serving(cloud.answer) as server:
        cloud.server = server
        yield cloud
