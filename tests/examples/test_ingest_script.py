"""scripts/ingest_qalita.sh: what it hands to `qalita`, and what it says when it can't."""

import os
import subprocess
from pathlib import Path

import pytest

ARGUMENTS = "--project opendata_dbt --env dev"


@pytest.fixture
def project(example: Path, tmp_path: Path) -> Path:
    """A project folder with the script alone, outside the workspace."""
    folder = tmp_path / "work" / "example_dbt"
    (folder / "scripts").mkdir(parents=True)
    script = folder / "scripts" / "ingest_qalita.sh"
    script.write_bytes((example / "scripts" / "ingest_qalita.sh").read_bytes())
    script.chmod(0o755)
    return folder


def a_qalita(folder: Path, *, can_ingest: bool = True) -> Path:
    """A stand-in that prints its folder and what it was given."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "qalita"
    body = 'if [ "$3" != --help ]; then echo "$PWD"; echo "$@"; fi' if can_ingest else "exit 2"
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


def artifacts(project: Path, *names: str) -> None:
    for name in names:
        path = project / "target" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def ingest(
    project: Path, *arguments: str, path: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project / "scripts" / "ingest_qalita.sh", *arguments],
        cwd="/",
        env={"PATH": os.pathsep.join([*([str(path)] if path else []), "/usr/bin", "/bin"]), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_without_kept_steps_the_one_results_file_is_taken(project: Path, tmp_path: Path) -> None:
    artifacts(project, "manifest.json", "run_results.json")

    done = ingest(project, path=a_qalita(tmp_path / "bin"))

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        str(project),
        f"ingest dbt --manifest target/manifest.json {ARGUMENTS} --results target/run_results.json",
    ]


def test_every_kept_step_is_taken_once(project: Path, tmp_path: Path) -> None:
    steps = ["seed", "run", "test"]
    artifacts(project, "manifest.json", "steps/sources.json", *[f"steps/{step}.run_results.json" for step in steps])
    (project / "target" / "run_results.json").write_text("steps/test.run_results.json", encoding="utf-8")

    done = ingest(project, path=a_qalita(tmp_path / "bin"))

    results = " ".join(f"--results target/steps/{step}.run_results.json" for step in steps)
    assert done.stdout.splitlines()[1].endswith(f"{ARGUMENTS} {results} --sources target/steps/sources.json")


def test_a_dbt_command_typed_afterwards_goes_along(project: Path, tmp_path: Path) -> None:
    artifacts(project, "manifest.json", "steps/test.run_results.json", "run_results.json")

    done = ingest(project, path=a_qalita(tmp_path / "bin"))

    assert "--results target/steps/test.run_results.json --results target/run_results.json" in done.stdout


def test_settings_and_further_options_are_handed_on(project: Path, tmp_path: Path) -> None:
    artifacts(project, "manifest.json", "run_results.json")

    done = ingest(
        project,
        "--dry-run",
        "--git-sha",
        "a b",
        path=a_qalita(tmp_path / "bin"),
        QALITA_PROJECT="air",
        QALITA_ENV="prod",
    )

    assert "--project air --env prod --results target/run_results.json --dry-run --git-sha a b" in done.stdout


def test_another_target_folder_is_followed(project: Path, tmp_path: Path) -> None:
    artifacts(project, "manifest.json", "run_results.json")
    (project / "target").rename(tmp_path / "elsewhere")

    done = ingest(project, path=a_qalita(tmp_path / "bin"), DBT_TARGET_PATH=str(tmp_path / "elsewhere"))

    assert f"--manifest {tmp_path}/elsewhere/manifest.json" in done.stdout


@pytest.mark.parametrize("folder", ["../.venv/bin", ".venv/bin"])
def test_a_qalita_that_cannot_ingest_is_passed_over(project: Path, tmp_path: Path, folder: str) -> None:
    artifacts(project, "manifest.json", "run_results.json")
    a_qalita(project / folder)

    done = ingest(project, path=a_qalita(tmp_path / "bin", can_ingest=False))

    assert done.returncode == 0, done.stderr
    assert "ingest dbt" in done.stdout


def test_without_qalita_one_line_says_what_to_install(project: Path) -> None:
    artifacts(project, "manifest.json", "run_results.json")

    done = ingest(project)

    assert done.returncode == 127
    assert done.stderr.count("\n") == 1
    assert "make env" in done.stderr
    assert "pip install -e" in done.stderr


@pytest.mark.parametrize("present", [[], ["manifest.json"], ["run_results.json"]])
def test_without_artifacts_one_line_says_what_to_run(project: Path, tmp_path: Path, present: list[str]) -> None:
    artifacts(project, *present)

    done = ingest(project, path=a_qalita(tmp_path / "bin"))

    assert done.returncode == 2
    assert done.stderr == "ingest_qalita: no results in target yet; run 'make run test' first\n"


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 0), (2, 2)])
def test_make_ingest_fails_unless_delivered_or_kept(
    project: Path, example: Path, plain_environment: dict[str, str], code: int, expected: int
) -> None:
    artifacts(project, "manifest.json", "run_results.json")
    (project / "Makefile").write_bytes((example / "Makefile").read_bytes())
    binaries = a_qalita(project / ".venv" / "bin")
    (binaries / "qalita").write_text(f'#!/bin/sh\n[ "$3" = --help ] || exit {code}\n', encoding="utf-8")
    (project / "requirements.txt").touch()
    (project / ".venv" / ".installed").touch()

    done = subprocess.run(
        ["make", "ingest"],
        cwd=project,
        env=plain_environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode == expected, done.stderr
