"""`qalita ingest dagster`, on a real instance and the embedded sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stamina
from click.testing import CliRunner, Result

import dagster_jobs
from dagster_jobs import new_instance, run_assets, run_job
from qalita_ingest.cli.ingest import ingest
from server_process import free_port
from store_dump import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qalita_ingest.sandbox.settings import Settings

    Stored = Callable[[str], list[tuple[object, ...]]]

STORES = ("sqlite", "postgresql")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, str]]:
    """A home, its run of assets and its run of ops."""
    folder = tmp_path_factory.mktemp("dagster") / "home"
    with pytest.MonkeyPatch.context() as patch:
        # Its hooks deliver elsewhere.
        patch.setenv("QALITA_STORE", str(folder.parent / "other"))
        with new_instance(folder) as instance:
            yield folder, run_assets(instance), run_job(dagster_jobs.branching_job, instance)


@pytest.fixture
def take(home: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Into a store that is not there yet, but for the tests that ask it."""
    monkeypatch.setenv("QALITA_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("DAGSTER_HOME", str(home[0]))
    return lambda *typed: CliRunner().invoke(ingest, ["dagster", *typed])


@pytest.fixture
def stored(take: Callable[..., Result], named_store: Settings) -> Stored:
    """What the store of the test answers to a statement of SQL."""
    return lambda query: rows_of(named_store.database_url, query)


def test_a_run_is_taken_under_the_name_of_its_code_location(
    take: Callable[..., Result], home: tuple[Path, str, str], stored: Stored
) -> None:
    done = take("--run", home[1])
    assert done.exit_code == 0, done.stderr
    assert "passed 1 · warning 1 · failed 1 · error 0 · skipped 0 · not executed 1" in done.stdout
    assert stored("select p.name from projects p") == [("dagster",)]
    assert stored("select run_id, job_id, tool from runs") == [(home[1], "__ephemeral_asset_job__", "dagster")]


def test_all_runs_since_a_time_are_taken_each_under_its_own_key(
    take: Callable[..., Result], home: tuple[Path, str, str], stored: Stored
) -> None:
    assert take("--since", "2020-01-01", "--project", "shop").exit_code == 0
    keys = stored("select run_id, idempotency_key from runs order by id")
    assert [run for run, _ in keys] == list(home[1:])
    assert len({key for _, key in keys}) == 2


def test_runs_of_one_job_are_chosen_by_its_name(
    take: Callable[..., Result], home: tuple[Path, str, str], stored: Stored
) -> None:
    assert take("--since", "2020-01-01T00:00:00+02:00", "--job", "branching_job").exit_code == 0
    assert stored("select run_id from runs") == [(home[2],)]


def test_a_dry_run_keeps_and_sends_nothing(
    take: Callable[..., Result], home: tuple[Path, str, str], tmp_path: Path
) -> None:
    done = take("--run", home[1], "--dry-run", "--format", "json")
    assert json.loads(done.stdout)["counts"]["failed"] == 1
    assert not (tmp_path / "store").exists()


def test_a_gate_ends_with_5_after_the_run_was_taken(
    take: Callable[..., Result], home: tuple[Path, str, str], stored: Stored
) -> None:
    done = take("--run", home[1], "--fail-on", "error")
    assert done.exit_code == 5
    assert stored("select count(*) from runs") == [(1,)]


def test_an_unreachable_server_keeps_the_run_and_ends_with_3(
    take: Callable[..., Result], home: tuple[Path, str, str], tmp_path: Path
) -> None:
    with stamina.set_testing(True, attempts=1):
        done = take("--run", home[2], "--endpoint", f"http://127.0.0.1:{free_port()}")
    assert done.exit_code == 3
    assert len(list((tmp_path / "store" / "outbox").glob("*/pending/*.json.gz"))) == 1


def test_a_run_that_is_not_there_holds_up_no_other(
    take: Callable[..., Result], home: tuple[Path, str, str], stored: Stored
) -> None:
    done = take("--run", "nope", "--run", home[2])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "run nope: this Dagster instance has no such run" in done.stderr
    assert stored("select run_id from runs") == [(home[2],)]


def test_a_run_that_goes_on_is_refused(
    take: Callable[..., Result], home: tuple[Path, str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "home"
    with new_instance(folder) as instance:
        going_on = instance.create_run_for_job(dagster_jobs.branching_job).run_id
    done = take("--run", going_on, "--dagster-home", str(folder))
    assert done.exit_code == 2
    assert "of branching_job still goes on (not_started); ingest it when it has ended" in done.stderr

    since = take("--since", "2020-01-01", "--dagster-home", str(folder))
    assert since.exit_code == 0
    assert f"1 run(s) still go on and are left out: {going_on}" in since.stderr


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([], "say which runs: --run with an id (repeatable), or --since with a time; not both"),
        (["--run", "a", "--since", "2026-11-22"], "not both"),
        (["--run", "a", "--job", "nightly"], "--job chooses among the runs of --since"),
        (["--since", "yesterday"], "'yesterday': expected a day or a time in ISO 8601"),
        (["--run", "a", "--dagster-home", "nowhere"], "--dagster-home=nowhere: expected the absolute path of a folder"),
    ],
)
def test_what_can_not_be_is_refused(take: Callable[..., Result], typed: list[str], words: str) -> None:
    done = take(*typed)
    assert done.exit_code == 2
    assert words in done.stderr


def test_without_a_home_one_line_says_what_to_do(take: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    done = take("--run", "a")
    assert done.exit_code == 2
    assert done.stderr == (
        "qalita ingest: DAGSTER_HOME is not set, so there is no Dagster instance to read; "
        "export the absolute path that your Dagster runs with, or give --dagster-home\n"
    )


def test_a_home_that_is_none_is_one_line(take: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("storage: {nonsense: true}\n")
    done = take("--run", "a", "--dagster-home", str(tmp_path))
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "the Dagster instance can't be read" in done.stderr


def test_without_dagster_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    """In a Python that does not find it."""
    code = (
        "import sys; sys.modules['dagster'] = None\n"
        "from qalita_ingest.cli.ingest import ingest\n"
        "ingest(['dagster', '--run', 'a'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "qalita ingest: Dagster is not installed in this environment; `pip install 'qalita-ingest[dagster]'` installs "
        "it, or call the qalita of your Dagster project's environment\n"
    )


def test_help_imports_no_dagster(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom qalita_ingest.cli.ingest import ingest\n"
        "ingest(['dagster', '--help'], standalone_mode=False)\nprint('dagster' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.endswith("False\n")
