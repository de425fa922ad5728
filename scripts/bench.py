"""Wall times of what a newcomer types, each beside a bare `dbt --help` of the same minutes on the same machine.

    python scripts/bench.py [--rounds 3]

Warm: `make all` again in this workspace. Cold: `make all` in a copy without environment, with an empty home
and an empty download cache, once. Machines are noisy: compare the ratios, not the seconds of two machines.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LEFT_OUT = shutil.ignore_patterns(
    ".venv*", ".git", ".qalita", ".work", "target", "logs", "*.duckdb*", "__pycache__", ".*_cache"
)


def seconds_of(command: list[str], folder: Path, **variables: str) -> float:
    """Wall time of one run; a command that fails ends the measurement."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - started
    if done.returncode:
        sys.exit(
            f"bench: {' '.join(command)} failed with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return elapsed


def cold_seconds() -> float:
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home) / "workspace"
        shutil.copytree(TOP, copy, ignore=LEFT_OUT)
        kept_out = {name: "" for name in ("UV_CACHE_DIR", "XDG_CACHE_HOME", "PIP_CACHE_DIR") if name in os.environ}
        return seconds_of(
            ["make", "all", f"VENV={copy / '.venv'}"], copy, HOME=home, QALITA_STORE=f"{home}/store", **kept_out
        )


def report(name: str, times: list[float], dbt_help: float) -> None:
    median = statistics.median(times)
    spread = f"({min(times):.1f} to {max(times):.1f}, {len(times)} runs)"
    print(f"{name:<16} {median:6.1f} s   {spread:<24} {median / dbt_help:5.1f} × dbt --help")


def main() -> None:
    parser = argparse.ArgumentParser(description="Wall times of make all, beside dbt --help.")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    helps, warms = [], []
    with tempfile.TemporaryDirectory() as store:
        for _ in range(options.rounds):
            helps.append(seconds_of([str(BIN / "dbt"), "--help"], TOP))
            warms.append(seconds_of(["make", "all"], TOP, QALITA_STORE=store))
    dbt_help = statistics.median(helps)
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    report("dbt --help", helps, dbt_help)
    report("make all, warm", warms, dbt_help)
    report("make all, cold", [cold_seconds()], dbt_help)


if __name__ == "__main__":
    main()
