"""Run dbt's steps in one process and keep the results of each: seed, run, test, freshness.

    python scripts/dbt_steps.py seed run test freshness

Every dbt command overwrites `target/run_results.json`. So each step's file is copied to
`target/steps/<step>.run_results.json` (freshness: `target/steps/sources.json`). A step that starts first removes
its own copy and those of the later steps: they tell of data that is about to change.

The steps run in the order above, whatever order they are named in. A failed seed stops; after a failed model the
tests of everything else still run. Exit status: 0 all passed or warned, 1 a node or check failed, 2 dbt could not
run or the input is bad. OPENDATA_DUCKDB names another database, DBT_TARGET_PATH another target folder; relative
paths count from the project folder.
"""

from __future__ import annotations

import argparse
import contextlib
import filecmp
import json
import os
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dbt.cli.main import dbtRunner

EXIT_FINE, EXIT_CHECK_FAILED, EXIT_COULD_NOT_RUN, EXIT_INTERRUPTED = 0, 1, 2, 130

COMMANDS = {
    "seed": ("seed", "--full-refresh"),
    "run": ("run",),
    "test": ("test",),
    "freshness": ("source", "freshness"),
}
HEADERS = {
    "seed": "load the CSV files into the database",
    "run": "build staging and marts",
    "test": "test the data",
    "freshness": "how old is the last load?",
}
STEPS = tuple(COMMANDS)
MEASUREMENTS = "opendata_airquality.csv"


class CouldNotRunError(Exception):
    """dbt could not start its work, or the input is bad; the message is one line."""


@dataclass(frozen=True)
class Artifacts:
    """The files dbt writes, and the copies kept of them."""

    target: Path

    def written_by(self, step: str) -> Path:
        return self.target / ("sources.json" if step == "freshness" else "run_results.json")

    def copy_of(self, step: str) -> Path:
        prefix = "" if step == "freshness" else f"{step}."
        return self.target / "steps" / f"{prefix}{self.written_by(step).name}"

    def forget_from(self, step: str) -> None:
        """Remove what this step is about to make untrue."""
        for stale in STEPS[STEPS.index(step) :]:
            self.copy_of(stale).unlink(missing_ok=True)
            self.written_by(stale).unlink(missing_ok=True)

    def keep(self, step: str) -> None:
        """Copy aside what the step wrote; the copy appears complete or not at all."""
        written, copy = self.written_by(step), self.copy_of(step)
        if not written.exists():
            return
        copy.parent.mkdir(parents=True, exist_ok=True)
        part = copy.with_suffix(".part")
        shutil.copyfile(written, part)
        part.replace(copy)

    def statuses(self, step: str) -> dict[str, str]:
        """unique_id → status of every node in the step's copy; empty when there is none."""
        if not self.copy_of(step).exists():
            return {}
        content = json.loads(self.copy_of(step).read_text(encoding="utf-8"))
        return {result["unique_id"]: result["status"] for result in content["results"]}

    def models_not_built(self) -> list[str]:
        statuses = self.statuses("run").items()
        return [node.split(".")[2] for node, status in statuses if node.startswith("model.") and status != "success"]


@dataclass(frozen=True)
class SeedFolder:
    """Where dbt reads the CSV files from: `seeds/`, or a generated copy when your CSV's columns needed work.

    Relative, and so counted from the project folder, like everything here: dbt_project.yml says why.
    """

    generated: Path = Path("target/seeds")

    def tell_dbt(self) -> None:
        """Unset where the default holds: dbt parses everything again when a variable it reads has changed."""
        if self.generated.is_dir():
            os.environ["OPENDATA_SEED_PATH"] = str(self.generated)
        else:
            os.environ.pop("OPENDATA_SEED_PATH", None)

    def prepare(self) -> None:
        """Validate the CSV; raise before anything is touched when it is bad."""
        given, generated = Path("seeds"), self.generated
        part = generated.with_name("seeds.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(given, part, ignore=shutil.ignore_patterns(MEASUREMENTS))
        try:
            validate_measurements(given / MEASUREMENTS, part / MEASUREMENTS)
            shutil.rmtree(generated, ignore_errors=True)
            if not filecmp.cmp(given / MEASUREMENTS, part / MEASUREMENTS, shallow=False):
                part.rename(generated)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def validate_measurements(given: Path, normalised: Path) -> None:
    import validate_seed  # noqa: PLC0415 - beside this file, and only seeding needs it

    try:
        report = validate_seed.validate(given, normalised_to=normalised)
    except validate_seed.SeedError as error:
        raise CouldNotRunError(str(error)) from None
    for note in report.notes:
        print(f"note: {note}")
    print(f"{given}: {report.rows} rows can be seeded")


def require_database(first_step: str) -> None:
    database = Path(os.environ.get("OPENDATA_DUCKDB", "opendata.duckdb"))
    if database.exists():
        require_free(database)
    elif first_step != "seed":
        raise CouldNotRunError(f"There is no database yet ({database}): run `make seed run` first.")


def require_free(database: Path) -> None:
    """A DuckDB file has one writer at a time; asked here, it is one line and not dbt's traceback."""
    import duckdb  # noqa: PLC0415 - absent outside the environment, and main() says so

    try:
        duckdb.connect(str(database)).close()
    except duckdb.Error as error:
        raise CouldNotRunError(
            f"{database} can't be opened. Close the notebook or program that uses it, then try again. "
            f"({str(error).splitlines()[0]})"
        ) from None


def arguments_of(step: str, artifacts: Artifacts) -> list[str]:
    """A test of a model that was not built would judge an earlier run's table: left out."""
    not_built = artifacts.models_not_built() if step == "test" else []
    if not_built:
        print(f"Not tested, because not built: {', '.join(not_built)}")
    return [*COMMANDS[step], *(["--exclude", *not_built] if not_built else [])]


def run_step(step: str, runner: dbtRunner, artifacts: Artifacts) -> bool:
    """True when every node and check of the step passed or warned."""
    print(f"\n=== {step}: {HEADERS[step]} ===", flush=True)
    artifacts.forget_from(step)
    outcome = runner.invoke(arguments_of(step, artifacts))
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception is not None:
        reason = " ".join(str(outcome.exception).split())
        raise CouldNotRunError(f"dbt could not run the step '{step}': {reason}")
    artifacts.keep(step)
    return bool(outcome.success)


def run_steps(steps: Sequence[str], runner: dbtRunner, artifacts: Artifacts) -> int:
    exit_code = EXIT_FINE
    for step in steps:
        if not run_step(step, runner, artifacts):
            exit_code = EXIT_CHECK_FAILED
            if step == "seed":
                print("\nThe seed failed, so the later steps did not run.")
                break
    return exit_code


def print_summary(steps: Sequence[str], artifacts: Artifacts) -> None:
    print()
    for step in steps:
        counts = Counter(artifacts.statuses(step).values())
        print(f"{step:>10}: " + (", ".join(f"{count} {status}" for status, count in counts.items()) or "did not run"))
    print(f"The results of each step are in {artifacts.target / 'steps'}")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run dbt's steps in one process and keep the results of each.")
    parser.add_argument("steps", nargs="+", choices=STEPS, metavar="step", help=", ".join(STEPS))
    parser.add_argument("--project-dir", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--target-path", default=os.environ.get("DBT_TARGET_PATH", "target"))
    return parser.parse_args(argv)


def set_environment(project: Path, target_path: str) -> None:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    if not sys.stdout.isatty():
        os.environ.setdefault("DBT_USE_COLORS", "false")
    # Not a default: a DBT_PROFILES_DIR meant for another project does not know this one's profile.
    os.environ["DBT_PROFILES_DIR"] = str(project)
    os.environ["DBT_TARGET_PATH"] = target_path
    SeedFolder().tell_dbt()


def run_in(project: Path, options: argparse.Namespace) -> int:
    steps = [step for step in STEPS if step in options.steps]
    artifacts = Artifacts(Path(options.target_path))
    with contextlib.chdir(project):
        require_database(steps[0])
        if "seed" in steps:
            SeedFolder().prepare()
        set_environment(project, options.target_path)
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds: after the CSV was validated

        exit_code = run_steps(steps, dbtRunner(), artifacts)
        print_summary(steps, artifacts)
        return exit_code


def main(argv: Sequence[str] | None = None) -> int:
    options = parse(argv)
    try:
        return run_in(options.project_dir.resolve(), options)
    except ImportError as error:
        print(f"dbt_steps: {error} in {sys.executable}; run `make env` first.", file=sys.stderr)
    except (CouldNotRunError, OSError) as error:
        print(f"dbt_steps: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ndbt_steps: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return EXIT_COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
