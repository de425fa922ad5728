"""What `qalita ingest dbt` costs on a large project, beside a plain `json.loads` of the same files in the same minutes.

    python scripts/bench_ingest.py [--rounds 3] [--models 10000] [--tests 50000]

Each figure comes from a process of its own. Times are wall times without imports, memory is the largest resident size
of the whole process, imports included. Machines are noisy: compare the ratios, not the seconds of two machines.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL_TESTS = 100
SCALES = (1_000, 5_000, 10_000, 50_000)


class Cost(NamedTuple):
    """Seconds on the clock, seconds of processor time, and megabytes at the most."""

    wall: float
    processor: float
    megabytes: float


# --- what is measured: each prepares its imports, and returns what is timed -----------------------------------------


def plain_json(folder: Path) -> Callable[[], object]:
    return lambda: [json.loads(path.read_bytes()) for path in _artifacts(folder)]


def typed_decode(folder: Path) -> Callable[[], object]:
    """The fields that we use, decoded at once by msgspec and kept: the least that reading could cost."""
    import msgspec

    from qalita_ingest.readers.dbt import Node, RunResults

    manifest = msgspec.defstruct("Manifest", [("nodes", dict[str, Node])])
    manifest_path, results_path = _artifacts(folder)
    decoders = (msgspec.json.Decoder(manifest), manifest_path), (msgspec.json.Decoder(RunResults), results_path)
    return lambda: [decoder.decode(path.read_bytes()) for decoder, path in decoders]


def reading(folder: Path) -> Callable[[], object]:
    from qalita_ingest.readers.dbt import read_manifest, read_run_results

    manifest, results = _artifacts(folder)

    def read() -> None:
        read_run_results(results)
        found = read_manifest(manifest)
        for _ in found.tested_nodes():
            pass
        for _ in found.data_tests():
            pass

    return read


def whole_ingest(folder: Path) -> Callable[[], object]:
    import alembic.command  # noqa: F401

    import qalita_ingest.cli.report
    import qalita_ingest.connection
    import qalita_ingest.pipeline
    import qalita_ingest.sandbox.embedded  # noqa: F401
    from qalita_ingest.cli.ingest import ingest

    manifest, results = _artifacts(folder)
    command = ["dbt", "--manifest", str(manifest), "--results", str(results), "--project", "bench", "--via", "embedded"]

    def run() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            ingest.main(args=command, standalone_mode=False)

    return run


MEASURED = {
    "json.loads": plain_json,
    "typed decode": typed_decode,
    "reading": reading,
    "whole ingest": whole_ingest,
}


def _artifacts(folder: Path) -> tuple[Path, Path]:
    return folder / "manifest.json", folder / "run_results.json"


def measure_here(name: str, folder: Path) -> Cost:
    timed = MEASURED[name](folder)
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    kept = timed()
    cost = Cost(time.perf_counter() - wall, time.process_time() - processor, _peak_megabytes())
    del kept
    return cost


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if platform.system() == "Linux" else 1024 * 1024)


# --- how it is measured -------------------------------------------------------------------------------------------


def measure(name: str, folder: Path) -> Cost:
    """In a process and a store of its own."""
    with tempfile.TemporaryDirectory() as store:
        done = subprocess.run(
            [sys.executable, __file__, "--measure", name, str(folder)],
            env=os.environ | {"QALITA_STORE": store},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"bench: {name} failed with {done.returncode}:\n{done.stderr[-2000:]}")
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


def generate(folder: Path, models: int, tests: int) -> Path:
    subprocess.run(
        [
            sys.executable,
            Path(__file__).with_name("generate_project.py"),
            folder,
            f"--models={models}",
            f"--tests={tests}",
        ],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return folder


def report_large(folder: Path, rounds: int) -> None:
    # In turn, so that a slow minute slows all of them.
    costs = [{name: measure(name, folder) for name in MEASURED} for _ in range(rounds)]
    for name in MEASURED:
        median = Cost(*(statistics.median(one[name][part] for one in costs) for part in range(3)))
        time_ratio = statistics.median(one[name].wall / one["json.loads"].wall for one in costs)
        memory_ratio = statistics.median(one[name].megabytes / one["json.loads"].megabytes for one in costs)
        print(
            f"{name:<14} {median.wall:6.2f} s {median.megabytes:6.0f} MB   "
            f"{time_ratio:5.2f} × the time and {memory_ratio:4.2f} × the memory of json.loads"
        )
    typed = statistics.median(one["reading"].wall / one["typed decode"].wall for one in costs)
    print(f"reading is {typed:.2f} × the typed decode")


def report_scales(folder: Path, rounds: int, tests_per_model: int) -> None:
    print("\nwhole ingest by size")
    for tests in SCALES:
        project = generate(folder / str(tests), tests // tests_per_model, tests)
        wall = statistics.median(measure("whole ingest", project).wall for _ in range(rounds))
        print(f"{tests:>7,} tests {wall:6.2f} s   {wall / tests * 1_000_000:5.0f} µs a test")
    small = generate(folder / "small", SMALL_TESTS // tests_per_model, SMALL_TESTS)
    processor = statistics.median(measure("whole ingest", small).processor for _ in range(rounds))
    print(f"{SMALL_TESTS:>7} tests {processor:6.2f} s of processor time beyond imports, store made anew")


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of an ingest, beside json.loads of the same files.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--tests", type=int, default=50_000)
    parser.add_argument("--measure", nargs=2, metavar=("WHAT", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure_here(options.measure[0], Path(options.measure[1]))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = generate(folder / "large", options.models, options.tests)
        sizes = " and ".join(f"{path.name} {path.stat().st_size / 1e6:.0f} MB" for path in _artifacts(large))
        print(f"{options.models:,} models, {options.tests:,} tests: {sizes}; {options.rounds} rounds, medians")
        report_large(large, options.rounds)
        report_scales(folder, options.rounds, options.tests // options.models)


if __name__ == "__main__":
    main()
