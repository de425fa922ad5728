"""The addresses of the dashboard, for the tests that visit all of them."""

from __future__ import annotations

import re
from urllib.parse import quote

HTML = {"Accept": "text/html,application/xhtml+xml"}
# Page → where in its `.json` the rows of its `.csv` are.
TABLES = {
    "/overview": "projects",
    "/projects/…": "datasets.items",
    "/runs": "runs.items",
    "/runs/…": "results.items",
    "/datasets/…": "checks.items",
    "/checks/…": "results.items",
    "/issues": "issues",
    "/issues/…": "events",
    "/sources": "registered.items",
    "/packs": "packs.items",
    "/jobs": "jobs.items",
    "/jobs/…": "uploads",
}


def pages_of(
    *, project: str, run: int = 2, dataset: int = 1, check: int = 1, issue: int = 1, job: int = 1
) -> list[str]:
    return [
        "/overview",
        f"/projects/{quote(project, safe='')}",
        "/runs",
        f"/runs/{run}",
        f"/datasets/{dataset}",
        f"/checks/{check}",
        "/issues?status=all",
        f"/issues/{issue}",
        "/sources",
        "/packs",
        "/jobs",
        f"/jobs/{job}",
    ]


def page_of(path: str) -> str:
    """`/runs/2` → `/runs/…`."""
    return re.sub(r"^(/\w+)/.+", r"\1/…", path)
