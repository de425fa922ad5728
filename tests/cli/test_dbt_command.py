"""`qalita ingest dbt -- dbt build`: the real dbt on a small project, and stand-ins where only the ending matters."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import termios
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from qalita_ingest.dbt_command import Before, option_of, target_folder, variables_of
from qalita_ingest.errors import SettingsError
from workspaces import BIN, Done, write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_SECONDS = 60
TYPED = ("qalita", "ingest", "dbt", "--project", "shop", "--")
UNREACHABLE = "http://127.0.0.1:9"
PROJECT = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 1}}}\n",
    "models/orders.sql": "select unnest([1, null]) as order_id, now()::timestamp as loaded_at\n",
    # Some seconds: long enough to be interrupted, and over soon should the interruption come before the query.
    "models/slow.sql": "{{ config(enabled=var('slow', false), materialized='table') }}\n"
    "select count(*) as n from {{ ref('orders') }}, range(2000000000) t(x) where x % 7 = 3\n",
    "models/schema.yml": """
sources:
  - name: lake
    schema: main
    tables:
      - name: orders
        config: {loaded_at_field: loaded_at, freshness: {error_after: {count: 1, period: day}}}
models:
  - name: orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
""",
}


@dataclass(frozen=True)
class Shop:
    """A dbt project; `qalita` is typed inside it."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        return {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "DO_NOT_TRACK": "1",
            **{name: value for name, value in os.environ.items() if name == "PYTHONPATH"},
        }

    def wrapped(self, *command: str, options: tuple[str, ...] = (), **variables: str) -> Done:
        done = subprocess.run(
            ["qalita", "ingest", "dbt", "--project", "shop", *options, "--", *command],
            cwd=self.folder,
            env=self.variables | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *command: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
        """The process and its stdout; without a terminal, as in a CI: a signal reaches our process alone."""
        with subprocess.Popen(
            [*TYPED, *command],
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as wrapper:
            assert wrapper.stdout
            try:
                yield wrapper, wrapper.stdout
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(wrapper.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Done]:
    """The project after `dbt build` through the wrapper; one of its two tests fails."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    write_files(shop.folder, PROJECT)
    return shop, shop.wrapped("dbt", "build")


@pytest.fixture
def shop(first: tuple[Shop, Done], tmp_path: Path) -> Shop:
    """The built project, for a test of its own, without anything taken in."""
    shutil.copytree(first[0].folder, tmp_path / "shop", ignore=shutil.ignore_patterns(".qalita"))
    return Shop(tmp_path / "shop")


@pytest.fixture
def again(shop: Shop) -> str:
    """A shell command that leaves behind what the build left, as new."""
    (shop.folder / "target").rename(shop.folder / "kept")
    return "mkdir -p target && cp kept/manifest.json kept/run_results.json target/"


def test_a_build_with_a_failed_test_is_taken_in_and_keeps_its_exit_code(first: tuple[Shop, Done]) -> None:
    _, done = first

    assert done.status == 1
    assert "Done. PASS=2 WARN=0 ERROR=1" in done.stdout
    assert "passed 1 · warning 0 · failed 1" in done.stdout
    assert "opened    #1 [QALITA] orders: not_null_orders_order_id (high)" in done.stdout
    assert done.stderr == ""


def test_results_of_before_are_not_taken_when_the_project_does_not_parse(shop: Shop) -> None:
    (shop.folder / "models" / "orders.sql").write_text("select * from {{ ref('nowhere') }}")

    done = shop.wrapped("dbt", "build")

    assert done.status == 2
    assert "target/run_results.json is not taken: the command left it as it was" in done.stderr
    assert "nothing to take in: the command ended with exit code 2 before it wrote results" in done.stderr
    assert not (shop.folder / ".qalita").exists()


def test_a_retry_takes_the_rows_that_it_ran(shop: Shop) -> None:
    done = shop.wrapped("dbt", "retry", options=("--format", "json"))

    content = json.loads(done.stdout)
    assert (done.status, content["counts"]["failed"], content["not_selected"]) == (1, 1, 1)
    assert "FAIL 1 not_null_orders_order_id" in done.stderr


def test_freshness_is_taken_without_the_results_of_before(shop: Shop) -> None:
    done = shop.wrapped("dbt", "--quiet", "source", "freshness", options=("--format", "json", "--dry-run"))

    content = json.loads(done.stdout)
    assert done.status == 0
    assert [(one["kind"], one["status"]) for one in content["results"]] == [("freshness", "passed")]
    assert "is not taken" not in done.stderr
    assert not (shop.folder / ".qalita").exists()


def test_a_compile_executes_no_test(shop: Shop) -> None:
    done = shop.wrapped("dbt", "compile", "--target-path", "elsewhere", options=("--format", "json"))

    content = json.loads(done.stdout)
    assert (done.status, content["counts"]["passed"], content["counts"]["not_executed"]) == (0, 0, 2)
    assert (shop.folder / "elsewhere" / "run_results.json").exists()
    assert done.stderr.endswith(
        "qalita ingest: no test was executed: the results are of `dbt compile`, "
        "which overwrote those of your build; ingest before you run `dbt compile`\n"
    )


def test_a_command_that_writes_a_manifest_alone_leaves_nothing_to_take_in(shop: Shop) -> None:
    done = shop.wrapped("sh", "-c", "echo '{}' > target/manifest.json", options=("--fail-on", "error"))

    assert done.status == 0
    assert "nothing to take in: the command wrote no results" in done.stderr
    assert not (shop.folder / ".qalita").exists()


def test_an_interrupted_dbt_winds_up_and_what_it_did_is_taken_in(shop: Shop) -> None:
    with shop.started("dbt", "run", "--vars", "{slow: true}") as (wrapper, lines):
        next(line for line in lines if "START sql table model main.slow" in line)
        time.sleep(0.5)

        wrapper.send_signal(signal.SIGINT)
        stdout, _ = wrapper.communicate(timeout=TIMEOUT_SECONDS)

    assert "Exited because of keyboard interrupt" in stdout
    assert "Steps   model success 1" in stdout
    assert wrapper.returncode == 2


# From here on only the ending matters, not what dbt does.


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--endpoint", UNREACHABLE), 3, "the run is kept"),
        (("--fail-on", "error"), 5, "--fail-on error: "),
    ],
)
def test_without_an_error_of_the_command_ours_counts(
    shop: Shop, again: str, options: tuple[str, ...], status: int, said: str
) -> None:
    done = shop.wrapped("sh", "-c", again, options=options)

    assert done.status == status
    assert said in done.stderr


def test_results_that_are_cut_off_are_bad_input_after_a_command_without_error(shop: Shop) -> None:
    done = shop.wrapped("sh", "-c", "echo '{' > target/run_results.json")

    assert done.status == 2
    assert "not complete JSON" in done.stderr


def test_the_error_of_the_command_wins(shop: Shop, again: str) -> None:
    done = shop.wrapped("sh", "-c", f"{again}; exit 42", options=("--endpoint", UNREACHABLE, "--fail-on", "error"))

    assert done.status == 42
    assert "the run is kept" in done.stderr
    assert "--fail-on error: " in done.stderr


def test_a_dry_run_runs_the_command_and_keeps_nothing(shop: Shop, again: str) -> None:
    done = shop.wrapped("sh", "-c", f"{again}; echo ran", options=("--dry-run",))

    assert done.status == 0
    assert done.stdout.startswith("ran\n")
    assert "failed 1" in done.stdout
    assert not (shop.folder / ".qalita").exists()


def test_another_format_has_stdout_for_itself(shop: Shop, again: str) -> None:
    done = shop.wrapped("sh", "-c", f"{again}; echo ran", options=("--format", "json"))

    assert json.loads(done.stdout)["counts"]["failed"] == 1
    assert done.stderr == "ran\n"


def test_arguments_stdin_and_environment_are_the_commands_own(shop: Shop) -> None:
    done = subprocess.run(
        [*TYPED, "sh", "-c", 'printf "[%s]" "$@"; cat; echo $MINE', "sh", "--", "--project", "a b", ""],
        cwd=shop.folder,
        env=shop.variables | {"MINE": "kept"},
        input="typed\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )

    assert done.stdout == "[--][--project][a b][]typed\nkept\n"


def test_an_unknown_command_is_one_line_and_127(shop: Shop) -> None:
    done = shop.wrapped("no-such-dbt", "build")

    assert (done.status, done.stderr.count("\n")) == (127, 1)
    assert done.stderr.startswith("qalita ingest: no-such-dbt: can't be run: No such file or directory")


def test_nothing_after_the_dashes_is_bad_input(shop: Shop) -> None:
    done = shop.wrapped()

    assert done.status == 2
    assert "there is no command after --" in done.stderr


def test_named_files_and_a_command_contradict_each_other(shop: Shop) -> None:
    done = shop.wrapped("touch", "ran", options=("--manifest", "target/manifest.json"))

    assert (done.status, done.stderr.count("\n")) == (2, 1)
    assert not (shop.folder / "ran").exists()


def test_what_only_qalita_can_tell_is_refused_before_the_command_runs(shop: Shop) -> None:
    done = shop.wrapped("touch", "ran", options=("--dry-run", "--fail-on", "new"))

    assert done.status == 2
    assert not (shop.folder / "ran").exists()


WAITING = "trap 'echo told; {what}' INT TERM; echo ready; i=0; while [ $i -lt 300 ]; do i=$((i+1)); sleep 0.1; done"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_and_the_rest_is_done(shop: Shop, again: str, number: signal.Signals) -> None:
    with shop.started("sh", "-c", WAITING.format(what=f"{again}; exit 7")) as (wrapper, lines):
        assert lines.readline() == "ready\n"

        wrapper.send_signal(number)
        stdout, _ = wrapper.communicate(timeout=TIMEOUT_SECONDS)

    assert wrapper.returncode == 7
    assert stdout.count("told") == 1
    assert "failed 1" in stdout


def test_after_a_second_signal_nothing_more_is_done(shop: Shop, again: str) -> None:
    twice = f"{again}; told=x$told; [ $told = xx ] && exit 7"
    with shop.started("sh", "-c", WAITING.format(what=twice)) as (wrapper, lines):
        assert lines.readline() == "ready\n"

        for _ in range(2):
            wrapper.send_signal(signal.SIGTERM)
            assert lines.readline() == "told\n"
        _, stderr = wrapper.communicate(timeout=TIMEOUT_SECONDS)

    assert wrapper.returncode == 7
    assert stderr == "qalita ingest: stopped twice: nothing is taken in\n"
    assert not (shop.folder / ".qalita").exists()


def test_a_command_ended_by_a_signal_has_the_exit_code_that_shells_give(shop: Shop) -> None:
    assert shop.wrapped("sh", "-c", "kill -TERM $$").status == 128 + signal.SIGTERM


# Not in shell: a trap counts two signals that come during one `sleep` as one.
COUNTING = """
import signal, sys, time
told = []
signal.signal(signal.SIGINT, lambda *_: told.append(1))
print("ready", flush=True)
for _ in range(100):
    time.sleep(0.02)
sys.exit(len(told))
"""


def test_ctrl_c_in_a_terminal_reaches_the_command_once(shop: Shop) -> None:
    ours, theirs = pty.openpty()
    wrapper = subprocess.Popen(
        [*TYPED, "python", "-c", COUNTING],
        cwd=shop.folder,
        env=shop.variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (no threads here)
    )
    os.close(theirs)
    seen = os.read(ours, 1000)
    while b"ready" not in seen:
        seen += os.read(ours, 1000)

    os.write(ours, b"\x03")

    assert wrapper.wait(timeout=TIMEOUT_SECONDS) == 1
    os.close(ours)


# Where dbt writes.


@pytest.mark.parametrize(
    ("command", "environ", "expected"),
    [
        ("dbt build", {}, "target"),
        ("dbt build --target-path out", {}, "out"),
        ("dbt --target-path=out build", {"DBT_TARGET_PATH": "other"}, "out"),
        ("dbt --target-path first build --target-path last", {}, "last"),
        ("uv run dbt build --target-path out", {}, "out"),
        ("dbt build", {"DBT_TARGET_PATH": "out"}, "out"),
        ("dbt build", {"DBT_ENGINE_TARGET_PATH": "out", "DBT_TARGET_PATH": "other"}, "out"),
        ("dbt build --project-dir sub", {}, "sub/target"),
        ("dbt build --project-dir sub --target-path out", {}, "sub/out"),
        ("dbt build", {"DBT_PROJECT_DIR": "sub"}, "sub/target"),
        ("dbt build --target-path /out", {}, "/out"),
    ],
)
def test_the_target_folder_is_the_one_that_dbt_chooses(
    tmp_path: Path, command: str, environ: dict[str, str], expected: str
) -> None:
    assert target_folder(command.split(), None, environ, tmp_path) == tmp_path / expected


def test_our_own_option_wins_over_variables_and_not_over_the_command(tmp_path: Path) -> None:
    environ = {"DBT_TARGET_PATH": "variable"}

    assert target_folder(["make"], Path("ours"), environ, tmp_path) == tmp_path / "ours"
    assert target_folder(["dbt", "--target-path", "its"], Path("ours"), environ, tmp_path) == tmp_path / "its"


@pytest.mark.parametrize("written", ["target-path: out", 'target-path: "out" # ours', "name: x\ntarget-path : 'out'"])
def test_the_project_file_names_the_target_folder_also_from_below(tmp_path: Path, written: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(written)
    (tmp_path / "models").mkdir()

    assert target_folder(["dbt", "build"], None, {}, tmp_path / "models") == tmp_path / "out"


def test_a_template_for_the_target_folder_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("target-path: \"{{ env_var('OUT') }}\"")

    with pytest.raises(SettingsError, match="target-path is a template"):
        target_folder(["dbt", "build"], None, {}, tmp_path)
    assert target_folder(["dbt", "build"], Path("out"), {}, tmp_path) == tmp_path / "out"


def test_only_files_whose_content_changed_were_written(tmp_path: Path) -> None:
    for name in ("run_results.json", "sources.json"):
        (tmp_path / name).write_text("1")
    before = Before.of(tmp_path)
    (tmp_path / "run_results.json").write_text("2")
    (tmp_path / "sources.json").touch()

    left = before.left()

    assert (left.results, left.sources) == (tmp_path / "run_results.json", None)
    assert [line.split(" is not")[0] for line in left.not_taken] == [str(tmp_path / "sources.json")]


def test_the_last_of_an_option_counts() -> None:
    assert option_of(["dbt", "--target", "dev", "-t", "prod"], "--target", "-t") == "prod"
    assert option_of(["dbt", "--target"], "--target") is None


def test_variables_are_read_as_json_and_else_left_as_they_are() -> None:
    assert variables_of(["dbt", "build", "--vars", '{"api_token": "a, b"}']) == {"api_token": "a, b"}
    assert variables_of(["dbt", "build", "--vars={api_token: planted}"]) == "{api_token: planted}"
    assert variables_of(["dbt", "build"]) is None
