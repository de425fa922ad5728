"""Our own client's `--via upload`, against the real server: the way for platforms that have no other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smallest_artifacts import write_artifacts

if TYPE_CHECKING:
    from clients.conftest import Server

pytestmark = pytest.mark.slow
STORES = ("sqlite", "postgresql")


def ingest(server: Server, folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {
        "QALITA_STORE": str(folder / "store"),
        "QALITA_AGENT_TOKEN": server.token,
        "QALITA_SOURCE_ID": "1",
        "QALITA_PACK_ID": "1",
    }
    place = ["--project", "air", "--env", "prod", "--endpoint", server.url, "--via", "upload"]
    return subprocess.run(
        [Path(sys.executable).parent / "qalita", "ingest", "dbt", *write_artifacts(folder), *place],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_run_becomes_a_succeeded_job_with_three_documents_once(server: Server, tmp_path: Path) -> None:
    first, again = ingest(server, tmp_path), ingest(server, tmp_path)

    (job,) = server.get("/api/v2/jobs")
    told = server.get(f"/api/v2/jobs/{job['id']}")
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert told["status"] == "succeeded"
    assert sorted(one["kind"] for one in told["documents"]) == ["metrics", "recommendations", "schemas"]
