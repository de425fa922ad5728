"""`qalita ingest dbt-cloud` as users type it, against the stand-in, into the embedded sandbox."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cloud_stand_in import ACCOUNT, CANCELLED, ERROR, PREPARING, RUNNING, SUCCESS, TOKEN, Cloud, Run, serving_cloud
from qalita_ingest.cli.ingest import ingest
from smallest_artifacts import manifest_of

Typed = Callable[..., Result]
MANIFEST = manifest_of("shop", "orders", "orders_are_paid", "orders_have_an_id", "sources_are_listed")


def results(invocation: str, command: str, **statuses: str) -> dict[str, bytes]:
    """The files of one step: short name of a node → status."""
    keys = {key.split(".")[-1]: key for key in MANIFEST["nodes"]}
    content = {
        "metadata": {
            "invocation_id": f"{invocation}-{command}",
            "generated_at": "2026-01-01T01:00:00Z",
            "dbt_version": "1.11.16",
        },
        "args": {"which": command},
        "results": [{"unique_id": keys[name], "status": status} for name, status in statuses.items()],
    }
    return {"run_results.json": json.dumps(content).encode(), "manifest.json": json.dumps(MANIFEST).encode()}


def a_run(number: int, status: int = SUCCESS, **steps: dict[str, bytes]) -> Run:
    finished_at = f"2026-01-{number:02d} 02:00:00+00:00"
    return Run(number, status, finished_at=finished_at, steps={name: {} for name in PREPARING} | steps)


def failed_run(number: int) -> Run:
    return a_run(
        number,
        ERROR,
        run=results(f"run-{number}", "run", orders="success"),
        test=results(f"run-{number}", "test", orders_are_paid="fail", orders_have_an_id="pass"),
    )


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DBT_CLOUD_API_TOKEN", TOKEN)
    monkeypatch.setenv("DBT_CLOUD_ACCOUNT_ID", ACCOUNT)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    def invoke(cloud: Cloud, *arguments: str) -> Result:
        given = ["dbt-cloud", "--host", cloud.server.url, "--project", "shop", "--env", "prod", *arguments]
        return CliRunner().invoke(ingest, given, catch_exceptions=False)

    return invoke


def stored(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / ".qalita" / "qalita.db")) as connection:
        return connection.execute(query).fetchall()


def test_a_failed_run_is_taken_with_the_results_of_every_step(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(failed_run(5)) as cloud:
        result = typed(cloud, "--run", "5", "--format", "json")

    content = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    assert (content["counts"]["failed"], content["counts"]["passed"], content["steps"]) == (1, 1, {"model:success": 1})
    assert [change["title"] for change in content["delivery"]["opened"]] == ["[QALITA] orders: orders_are_paid"]


def test_the_steps_without_results_are_named(typed: Typed) -> None:
    with serving_cloud(failed_run(5)) as cloud:
        result = typed(cloud, "--run", "5", "--dry-run")

    assert "dbt Cloud run 5 (error): results of 2 step(s); steps without results, passed over: " in result.stderr
    assert "1 Clone git repository, 2 Create profile" in result.stderr


def test_the_run_carries_number_commit_branch_and_address_of_dbt_cloud(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(failed_run(5)) as cloud:
        typed(cloud, "--run", "5")
        address = f"{cloud.server.url}/deploy/{ACCOUNT}/projects/1/runs/5/"

    (row,) = stored(tmp_path, "select run_id, job_id, git_sha, git_branch, ci_provider, ci_url from runs")
    assert row == ("dbt-cloud-5", "5", Run(5).git_sha, "main", "dbt Cloud", address)


def test_the_same_run_twice_is_counted_once(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(failed_run(5)) as cloud:
        typed(cloud, "--run", "5")
        again = typed(cloud, "--run", "5")

    assert again.exit_code == 0
    assert "already delivered on " in again.output
    assert stored(tmp_path, "select count(*) from runs") == [(1,)]


def test_a_cancelled_run_gives_what_is_there_and_says_so(typed: Typed) -> None:
    run = a_run(5, CANCELLED, run=results("run-5", "run", orders="success"), test={})
    with serving_cloud(run) as cloud:
        result = typed(cloud, "--run", "5")

    assert result.exit_code == 0, result.output
    assert "dbt Cloud run 5 (cancelled): results of 1 step(s)" in result.stderr
    assert "it was cancelled, so what its finished steps left is taken" in result.stderr


def test_a_running_one_is_one_line_and_writes_nothing(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(Run(5, RUNNING)) as cloud:
        result = typed(cloud, "--run", "5")

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert "dbt Cloud run 5 is running" in result.stderr
    assert not (tmp_path / ".qalita").exists()


def test_an_expired_token_is_one_line_that_does_not_show_it(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_CLOUD_API_TOKEN", "dbtc_expired_long_ago")
    with serving_cloud(failed_run(5)) as cloud:
        result = typed(cloud, "--run", "5")

    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    assert "refused the token (HTTP 401)" in result.stderr
    assert "dbtc_expired_long_ago" not in result.output


def test_too_many_requests_are_waited_out(typed: Typed) -> None:
    with serving_cloud(failed_run(5)) as cloud:
        cloud.answers_before = [(429, b"", {"Retry-After": "1"})]

        assert typed(cloud, "--run", "5", "--dry-run").exit_code == 0


def test_the_newest_run_of_a_job_is_taken_even_when_it_failed(typed: Typed, tmp_path: Path) -> None:
    older = a_run(4, test=results("run-4", "test", orders_are_paid="pass"))
    with serving_cloud(older, failed_run(5), Run(6, RUNNING, finished_at=None)) as cloud:
        typed(cloud, "--job", "7")

    assert stored(tmp_path, "select run_id from runs") == [("dbt-cloud-5",)]


def test_several_runs_of_a_job_are_taken_the_oldest_first(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(*(failed_run(number) for number in range(1, 6))) as cloud:
        cloud.largest_page = 2
        result = typed(cloud, "--job", "7", "--limit", "3")

    assert result.exit_code == 0, result.output
    assert stored(tmp_path, "select run_id from runs order by id") == [
        ("dbt-cloud-3",),
        ("dbt-cloud-4",),
        ("dbt-cloud-5",),
    ]


def test_all_runs_since_a_day_are_taken(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(*(failed_run(number) for number in range(1, 6))) as cloud:
        typed(cloud, "--job", "7", "--since", "2026-01-04")

    assert stored(tmp_path, "select run_id from runs order by id") == [("dbt-cloud-4",), ("dbt-cloud-5",)]


def test_a_run_that_left_nothing_keeps_the_others_of_its_job_not_back(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(failed_run(4), a_run(5, ERROR), failed_run(6)) as cloud:
        result = typed(cloud, "--job", "7", "--limit", "3")

    assert result.exit_code == 0, result.output
    assert "dbt Cloud run 5 (error): no step left results (Clone git repository" in result.stderr
    assert stored(tmp_path, "select count(*) from runs") == [(2,)]


def test_a_run_that_was_named_and_left_nothing_is_an_error(typed: Typed) -> None:
    with serving_cloud(a_run(5, ERROR)) as cloud:
        result = typed(cloud, "--run", "5")

    assert result.exit_code == 2
    assert "no step left results" in result.stderr


def test_the_newest_run_of_a_job_that_left_nothing_is_an_error_too(typed: Typed) -> None:
    with serving_cloud(failed_run(4), a_run(5, ERROR)) as cloud:
        result = typed(cloud, "--job", "7")

    assert result.exit_code == 2
    assert "dbt Cloud run 5 (error): no step left results" in result.stderr


def test_what_is_wrong_with_one_run_keeps_no_other_back_and_is_told_in_the_end(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(failed_run(4), Run(5, RUNNING)) as cloud:
        result = typed(cloud, "--run", "5", "--run", "4")

    assert result.exit_code == 2
    assert "run 5 is running" in result.stderr
    assert result.stderr.splitlines()[-1].endswith("1 of 2 runs did not go well; the lines above say why")
    assert stored(tmp_path, "select run_id from runs") == [("dbt-cloud-4",)]


def test_a_broken_artifact_is_named_by_run_and_step(typed: Typed) -> None:
    broken = results("run-5", "test", orders_are_paid="pass") | {"run_results.json": b'{"metadata": {'}
    with serving_cloud(a_run(5, ERROR, test=broken)) as cloud:
        result = typed(cloud, "--run", "5")

    assert result.exit_code == 2
    assert "dbt Cloud run 5/step 4/run_results.json: not complete JSON" in result.stderr
    assert "temporary" not in result.stderr


def test_the_files_are_gone_afterwards_whatever_happened(typed: Typed, tmp_path: Path) -> None:
    broken = results("run-6", "test", orders_are_paid="pass") | {"run_results.json": b"{"}
    with serving_cloud(failed_run(5), a_run(6, ERROR, test=broken)) as cloud:
        typed(cloud, "--run", "5")
        typed(cloud, "--run", "6")

    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_gate_ends_with_5_after_the_run_was_taken(typed: Typed, tmp_path: Path) -> None:
    with serving_cloud(failed_run(5)) as cloud:
        result = typed(cloud, "--run", "5", "--fail-on", "error")

    assert result.exit_code == 5
    assert stored(tmp_path, "select count(*) from runs") == [(1,)]


def test_a_document_is_of_one_run(typed: Typed) -> None:
    with serving_cloud(failed_run(4), failed_run(5)) as cloud:
        result = typed(cloud, "--job", "7", "--limit", "2", "--format", "junit")

    assert result.exit_code == 2
    assert "one document for one run; these are 2 runs" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("--run", "5", "--job", "7"), ("--run", "5", "--limit", "2"), ("--run", "5", "--since", "2026-01-01")],
)
def test_options_that_contradict_each_other_are_refused_before_anything_is_asked(
    typed: Typed, arguments: tuple[str, ...]
) -> None:
    with serving_cloud(failed_run(5)) as cloud:
        result = typed(cloud, *arguments)

        assert result.exit_code == 2
        assert cloud.server.calls == []


def test_a_job_without_finished_runs_is_one_line(typed: Typed) -> None:
    with serving_cloud(Run(5, RUNNING)) as cloud:
        result = typed(cloud, "--job", "7")

    assert result.exit_code == 2
    assert "dbt Cloud job 7: no run has ended" in result.stderr


def test_a_secret_within_the_artifacts_is_not_stored(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "planted-in-a-message")
    step = results("run-5", "test", orders_are_paid="fail")
    content = json.loads(step["run_results.json"])
    content["results"][0]["message"] = "connection with planted-in-a-message was lost"
    with serving_cloud(a_run(5, ERROR, test=step | {"run_results.json": json.dumps(content).encode()})) as cloud:
        result = typed(cloud, "--run", "5")

    kept = [path for path in (tmp_path / ".qalita").rglob("*") if path.is_file()]
    assert "planted-in-a-message" not in result.output
    assert TOKEN not in result.output
    assert kept
    for path in kept:
        assert b"planted-in-a-message" not in path.read_bytes()
        assert TOKEN.encode() not in path.read_bytes()


def test_a_real_job_of_seed_run_test_and_freshness_is_one_run(typed: Typed, corpus: Path) -> None:
    """Four real invocations of one project, each with the manifest that it wrote."""
    project = corpus / "brooklyn-data__dbt_integration_test_project" / "schema_v4"
    steps = {
        name: {path.name.split("@")[0] + ".json": path.read_bytes() for path in (project / name).iterdir()}
        for name in ("seed", "run", "snapshot", "test", "source_freshness")
    }
    with serving_cloud(a_run(5, **steps)) as cloud:
        content = json.loads(typed(cloud, "--run", "5", "--format", "json").stdout)

    assert content["steps"] == {"model:success": 31, "seed:success": 1, "snapshot:success": 1}
    assert content["counts"]["passed"] == 18 + 1
    assert content["mixed"] is False
