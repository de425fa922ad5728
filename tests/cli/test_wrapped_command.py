"""`qalita ingest dbt -- command`: which exit code counts, and whose input and output it is; no dbt is started."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from store_dump import rows_of
from store_templates import variables_of
from wrapped_commands import AGAIN, TIMEOUT_SECONDS, TYPED, Shop

if TYPE_CHECKING:
    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
UNREACHABLE = "http://127.0.0.1:9"


def test_what_the_command_left_is_in_the_store_that_is_named(built_shop: Shop, named_store: Settings) -> None:
    done = built_shop.wrapped("sh", "-c", AGAIN, **variables_of(named_store))

    assert (done.status, "failed 1" in done.stdout) == (0, True), done.stderr
    assert rows_of(named_store.database_url, "select status, failures from results") == [("failed", 3)]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--endpoint", UNREACHABLE), 3, "the run is kept"),
        (("--fail-on", "error"), 5, "--fail-on error: "),
    ],
)
def test_without_an_error_of_the_command_ours_counts(
    built_shop: Shop, options: tuple[str, ...], status: int, said: str
) -> None:
    done = built_shop.wrapped("sh", "-c", AGAIN, options=options)

    assert done.status == status
    assert said in done.stderr


def test_results_that_are_cut_off_are_bad_input_after_a_command_without_error(built_shop: Shop) -> None:
    done = built_shop.wrapped("sh", "-c", "echo '{' > target/run_results.json")

    assert done.status == 2
    assert "not complete JSON" in done.stderr


def test_the_error_of_the_command_wins(built_shop: Shop) -> None:
    done = built_shop.wrapped(
        "sh", "-c", f"{AGAIN}; exit 42", options=("--endpoint", UNREACHABLE, "--fail-on", "error")
    )

    assert done.status == 42
    assert "the run is kept" in done.stderr
    assert "--fail-on error: " in done.stderr


def test_a_dry_run_runs_the_command_and_keeps_nothing(built_shop: Shop) -> None:
    done = built_shop.wrapped("sh", "-c", f"{AGAIN}; echo ran", options=("--dry-run",))

    assert done.status == 0
    assert done.stdout.startswith("ran\n")
    assert "failed 1" in done.stdout
    assert not (built_shop.folder / ".qalita").exists()


def test_another_format_has_stdout_for_itself(built_shop: Shop) -> None:
    done = built_shop.wrapped("sh", "-c", f"{AGAIN}; echo ran", options=("--format", "json"))

    assert json.loads(done.stdout)["counts"]["failed"] == 1
    assert done.stderr == "ran\n"


def test_arguments_stdin_and_environment_are_the_commands_own(built_shop: Shop) -> None:
    done = subprocess.run(
        [*TYPED, "sh", "-c", 'printf "[%s]" "$@"; cat; echo $MINE', "sh", "--", "--project", "a b", ""],
        cwd=built_shop.folder,
        env=built_shop.variables | {"MINE": "kept"},
        input="typed\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )

    assert done.stdout == "[--][--project][a b][]typed\nkept\n"


def test_an_unknown_command_is_one_line_and_127(built_shop: Shop) -> None:
    done = built_shop.wrapped("no-such-dbt", "build")

    assert (done.status, done.stderr.count("\n")) == (127, 1)
    assert done.stderr.startswith("qalita ingest: no-such-dbt: can't be run: No such file or directory")


def test_nothing_after_the_dashes_is_bad_input(built_shop: Shop) -> None:
    done = built_shop.wrapped()

    assert done.status == 2
    assert "there is no command after --" in done.stderr


def test_named_files_and_a_command_contradict_each_other(built_shop: Shop) -> None:
    done = built_shop.wrapped("touch", "ran", options=("--manifest", "manifest.json"))

    assert (done.status, done.stderr.count("\n")) == (2, 1)
    assert not (built_shop.folder / "ran").exists()


def test_what_only_qalita_can_tell_is_refused_before_the_command_runs(built_shop: Shop) -> None:
    done = built_shop.wrapped("touch", "ran", options=("--dry-run", "--fail-on", "new"))

    assert done.status == 2
    assert not (built_shop.folder / "ran").exists()
