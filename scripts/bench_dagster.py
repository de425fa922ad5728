"""What hooks and sensors cost beyond the delivery itself.

    python scripts/bench_dagster.py [--ops 30]

A job of that many ops in a row runs in one process, and each of its hooks is measured; only the last delivers, to the
embedded sandbox. Then a tick of the sensor with a run that is known, and one with nothing to do.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import dagster as dg

from qalita_ingest import prepare_dagster, report_dagster_run, report_ended_runs, report_last_step

MOST_PER_OP_SECONDS = 0.05


def job_of(ops: int, hooks: set[Any]) -> dg.JobDefinition:
    @dg.op
    def begin() -> int:
        return 0

    @dg.op
    def follow(before):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 (Dagster reads annotations at run time)
        return before

    @dg.job(hooks=hooks)
    def chain() -> None:
        value = begin()
        for number in range(ops - 1):
            value = follow.alias(f"follow_{number}")(value)

    return chain


class Timed:
    """A hook, and how long it took each time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def hook(self) -> Any:
        @dg.success_hook(name="timed")
        def timed(context: dg.HookContext) -> None:
            begun = time.perf_counter()
            report_last_step(context.instance, context.run_id)
            self.seconds.append(time.perf_counter() - begun)

        return timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ops", type=int, default=30)
    ops = parser.parse_args().ops
    logging.getLogger("dagster").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QALITA_STORE"] = str(Path(folder) / "store")
        home = Path(folder) / "home"
        home.mkdir()
        (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        with dg.DagsterInstance.from_config(str(home)) as instance:
            measure(instance, ops)


def measure(instance: dg.DagsterInstance, ops: int) -> None:
    timed = Timed()
    cursor, _ = report_ended_runs(instance, None)
    run_id = job_of(ops, {timed.hook()}).execute_in_process(instance=instance).run_id
    *looks, last = timed.seconds
    again = seconds_of(report_dagster_run, instance, run_id)
    per_op = sum(looks) / len(looks)
    say("hook of a step that is not the last, mean", per_op)
    say("hook of a step that is not the last, slowest", max(looks))
    say("hook of the last step, with the first delivery", last)
    say("reading and mapping the run", seconds_of(prepare_dagster, instance, run_id))
    say("delivering the run again", again)
    cursor, known = tick(instance, cursor)
    say("tick of the sensor, one run that is known", known)
    say("tick of the sensor, nothing new", tick(instance, cursor)[1])
    if per_op > MOST_PER_OP_SECONDS:
        raise SystemExit(f"a hook takes {per_op * 1000:.0f} ms, more than {MOST_PER_OP_SECONDS * 1000:.0f} ms")


def tick(instance: dg.DagsterInstance, cursor: str) -> tuple[str, float]:
    begun = time.perf_counter()
    cursor, _ = report_ended_runs(instance, cursor)
    return cursor, time.perf_counter() - begun


def seconds_of(call: Any, *arguments: Any) -> float:
    begun = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - begun


def say(what: str, seconds: float) -> None:
    print(f"{what:50} {seconds * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
