"""The benchmark of the load, small: what it counts is true, whatever the machine's speed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from conftest import TOP

if TYPE_CHECKING:
    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
SMALL = ("--clients=5", "--runs=20", "--results=10", "--rounds=1")


def bench(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, TOP / "scripts" / "bench_load.py", *SMALL, *options],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_it_finds_every_run_of_every_client_in_the_store(empty_store: Settings) -> None:
    url = empty_store.url
    done = bench(*([f"--database-url={url.render_as_string(hide_password=False)}"] if url else []))

    assert done.returncode == 0, done.stderr
    counted = "  all 20 runs and 200 results stored, none doubled, no 5xx (20 × 201)"
    assert done.stdout.splitlines().count(counted) == (2 if url else 1)
    assert "memory idle: " in done.stdout
