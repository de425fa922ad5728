"""The step runner: what it keeps, what it removes, when it stops, and what it says."""

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

STEPS = ["seed", "run", "test", "freshness"]
COPIES = {
    "seed": "seed.run_results.json",
    "run": "run.run_results.json",
    "test": "test.run_results.json",
    "freshness": "sources.json",
}


def kept(copy: Any) -> list[str]:
    return sorted(path.name for path in (copy.folder / "target" / "steps").iterdir())


def run_script(
    copy: Any, *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, copy.folder / "scripts" / "dbt_steps.py", *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_each_step_s_results_are_kept(built: Any) -> None:
    artifacts = [built.artifact(f"steps/{COPIES[step]}") for step in STEPS]

    assert kept(built) == sorted(COPIES.values())
    assert [artifact["args"]["which"] for artifact in artifacts[:3]] == ["seed", "run", "test"]
    assert len({artifact["metadata"]["invocation_id"] for artifact in artifacts}) == len(STEPS)


def test_progress_and_a_summary_are_printed(built: Any) -> None:
    printed = (built.folder.parent / "output.txt").read_text(encoding="utf-8")

    assert [line.split()[1].rstrip(":") for line in printed.splitlines() if line.startswith("=== ")] == STEPS
    assert "seeds/opendata_airquality.csv: 15955 rows can be seeded" in printed
    assert "seed: 2 success\n" in printed
    assert "freshness: 1 pass\n" in printed


def test_a_step_removes_the_results_of_the_later_ones(fresh_copy: Any, run_steps: Callable[..., Any]) -> None:
    before = fresh_copy.artifact("steps/run.run_results.json")["metadata"]["invocation_id"]

    outcome = run_steps(fresh_copy, "run")

    assert outcome.exit_code == 0
    assert kept(fresh_copy) == ["run.run_results.json", "seed.run_results.json"]
    assert fresh_copy.artifact("steps/run.run_results.json")["metadata"]["invocation_id"] != before


def test_a_project_that_dbt_cannot_read_leaves_no_stale_results(fresh_copy: Any, run_steps: Callable[..., Any]) -> None:
    (fresh_copy.folder / "models" / "broken.sql").write_text("{% broken", encoding="utf-8")

    outcome = run_steps(fresh_copy, "run", "test")

    assert outcome.exit_code == 2
    assert "dbt_steps: dbt could not run the step 'run': Compilation Error" in outcome.output
    assert kept(fresh_copy) == ["seed.run_results.json"]
    assert not (fresh_copy.folder / "target" / "run_results.json").exists()


def test_after_a_failed_model_the_tests_of_the_others_still_run(fresh_copy: Any, run_steps: Callable[..., Any]) -> None:
    fresh_copy.replace_in("models/marts/airquality_metrics.sql", "from usable\n", "from nowhere\n")

    outcome = run_steps(fresh_copy, "freshness", "test", "run")

    assert outcome.exit_code == 1
    assert "Not tested, because not built: airquality_metrics" in outcome.output
    assert fresh_copy.statuses("run")["airquality_metrics"] == "error"
    tested = fresh_copy.statuses("test")
    assert "measurement_is_unique" in tested
    assert not {"metric_is_unique", "mart_counts_every_measurement", "statistics_take_usable_values_only"} & set(tested)
    assert "sources.json" in kept(fresh_copy)


def test_a_failed_check_fails_after_all_steps_ran(fresh_copy: Any, run_steps: Callable[..., Any]) -> None:
    with duckdb.connect(str(fresh_copy.database)) as connection:
        connection.execute("update stg_airquality set quality = 'fine'")

    outcome = run_steps(fresh_copy, "test", "freshness")

    assert outcome.exit_code == 1
    assert fresh_copy.statuses("test")["quality_is_a_known_word"] == "fail"
    assert kept(fresh_copy) == sorted(COPIES.values())


def test_a_failed_seed_stops(fresh_copy: Any, run_steps: Callable[..., Any]) -> None:
    fresh_copy.replace_in("macros/load_log.sql", "count(*)", "count_them()")

    outcome = run_steps(fresh_copy, "seed", "run")

    assert outcome.exit_code == 1
    assert "The seed failed, so the later steps did not run." in outcome.output
    assert kept(fresh_copy) == ["seed.run_results.json"]


def test_a_bad_csv_gets_one_line_and_the_database_stays(fresh_copy: Any) -> None:
    before = fresh_copy.database.read_bytes()
    with (fresh_copy.folder / "seeds" / "opendata_airquality.csv").open("a", encoding="utf-8") as file:
        file.write("Paris,FR,Chatelet,no,much,µg/m3,2017-01-01 00:00\n")

    done = run_script(fresh_copy, "seed", "run")

    assert done.returncode == 2
    assert done.stderr.startswith("dbt_steps: seeds/opendata_airquality.csv, line 15957, column value: 'much'")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert fresh_copy.database.read_bytes() == before
    assert kept(fresh_copy) == sorted(COPIES.values())


def test_your_own_csv_is_brought_into_the_seed_s_columns(fresh_copy: Any, run_steps: Callable[..., Any]) -> None:
    path = fresh_copy.folder / "seeds" / "opendata_airquality.csv"
    header = ["sensor", "date.utc", "unit", "value", "parameter", "location", "country", "city"]
    rows = [
        ["s1", f"2024-05-01T{hour:02}:00:00+02:00", "mg/m3", "0.5", "CO", "Graz", "AT", "Graz"] for hour in range(24)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    given = path.read_bytes()

    outcome = run_steps(fresh_copy, "seed", "run", "test")

    assert outcome.exit_code == 0, outcome.output
    assert "columns that nothing reads: 'sensor'" in outcome.output
    assert path.read_bytes() == given
    found = "select parameter, measurement_count, mean_value, cast(first_measured_at as text) from airquality_metrics"
    assert fresh_copy.rows(found) == [("co", 24, 500.0, "2024-04-30 22:00:00")]
    assert fresh_copy.statuses("test")["station_is_known"] == "warn"
    assert fresh_copy.rows("select row_count from load_log order by loaded_at") == [(15955,), (24,)]


def test_the_shipped_csv_is_read_where_it_lies(built: Any) -> None:
    seeds = [node for node in built.artifact("manifest.json")["nodes"].values() if node["resource_type"] == "seed"]

    assert {seed["original_file_path"] for seed in seeds} == {"seeds/opendata_airquality.csv", "seeds/stations.csv"}
    assert not (built.folder / "target" / "seeds").exists()


def test_without_a_database_one_line_says_what_to_run(fresh_copy: Any) -> None:
    fresh_copy.database.unlink()

    done = run_script(fresh_copy, "test")

    assert done.returncode == 2
    assert done.stderr == "dbt_steps: There is no database yet (opendata.duckdb): run `make seed run` first.\n"


def test_a_database_in_use_gets_one_line_and_keeps_its_results(fresh_copy: Any) -> None:
    with duckdb.connect(str(fresh_copy.database)):
        done = run_script(fresh_copy, "run", "test")

    assert done.returncode == 2
    assert done.stderr.startswith("dbt_steps: opendata.duckdb can't be opened. Close the notebook or program")
    assert done.stderr.count("\n") == 1
    assert kept(fresh_copy) == sorted(COPIES.values())


def test_an_unknown_step_is_refused(fresh_copy: Any) -> None:
    done = run_script(fresh_copy, "compile")

    assert done.returncode == 2
    assert "invalid choice: 'compile' (choose from 'seed', 'run', 'test', 'freshness')" in done.stderr


def test_another_folder_database_and_target_can_be_named(fresh_copy: Any, tmp_path: Path) -> None:
    """From any working folder, and with a DBT_PROFILES_DIR that is meant for another project."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    arguments = ["--project-dir", str(fresh_copy.folder), "--target-path", str(elsewhere / "artifacts")]

    done = run_script(
        fresh_copy,
        "seed",
        *arguments,
        cwd=elsewhere,
        OPENDATA_DUCKDB=str(elsewhere / "other.duckdb"),
        DBT_PROFILES_DIR="/nowhere",
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert (elsewhere / "other.duckdb").exists()
    assert (elsewhere / "artifacts" / "steps" / "seed.run_results.json").exists()
    assert kept(fresh_copy) == sorted(COPIES.values())


def test_without_dbt_one_line_says_what_to_run(fresh_copy: Any) -> None:
    """`-S` hides the installed packages."""
    done = subprocess.run(
        [sys.executable, "-S", fresh_copy.folder / "scripts" / "dbt_steps.py", "test"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("dbt_steps: No module named 'duckdb' in ")
    assert done.stderr.endswith("; run `make env` first.\n")


def test_an_interruption_is_no_traceback(
    fresh_copy: Any, run_steps: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: Any, **_options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copytree", interrupted)

    outcome = run_steps(fresh_copy, "seed")

    assert outcome.exit_code == 130
    assert outcome.output == "\ndbt_steps: interrupted\n"


@pytest.mark.slow
@pytest.mark.network
def test_make_all_works_in_a_copy_outside_the_workspace(
    example: Path, built: Any, tmp_path: Path, plain_environment: dict[str, str]
) -> None:
    """Builds an environment of its own from the package index."""
    folder = tmp_path / "copied"
    produced = shutil.ignore_patterns("target", "logs", "*.duckdb", ".venv", "__pycache__")
    shutil.copytree(example, folder, ignore=produced)

    done = subprocess.run(
        ["make", "all", "-j4", f"PYTHON={sys.executable}"],
        cwd=folder,
        env=plain_environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "target" / "steps" / "sources.json").exists()
    with duckdb.connect(str(folder / "opendata.duckdb"), read_only=True) as connection:
        metrics = connection.execute("from airquality_metrics order by all").fetchall()
    assert metrics == built.rows("from airquality_metrics order by all")
