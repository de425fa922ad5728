"""`--via upload` of each command that sends: to a platform that has the upload endpoints alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from cloud_stand_in import ACCOUNT, Run, serving_cloud
from cloud_stand_in import TOKEN as CLOUD_TOKEN
from factories import report
from platform_server import PACK_ID, SOURCE_ID, Platform
from qalita_ingest.cli.ingest import ingest
from qalita_ingest.delivery import Endpoint, Outbox
from servers import serving
from smallest_artifacts import MANIFEST, RESULTS, write_artifacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SQLITE_ONLY = "nothing goes into it: QALITA_STORE names the folder of the outbox"
PLACE = ("--project", "air", "--env", "prod")
DOCUMENTS = ["recommendations", "schemas", "metrics"]


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def url(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("QALITA_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("QALITA_AGENT_TOKEN", "hunter2")
    monkeypatch.setenv("QALITA_SOURCE_ID", str(SOURCE_ID))
    monkeypatch.setenv("QALITA_PACK_ID", str(PACK_ID))
    with serving(platform) as server:
        yield server.url


def typed(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(ingest, [*arguments, "--endpoint", url, "--via", "upload"], catch_exceptions=False)


def delivered(platform: Platform) -> tuple[list[str], list[str]]:
    """How each job ended, and the documents of all of them."""
    return [job["status"] for job in platform.jobs], [upload.kind for upload in platform.uploads]


def test_dbts_files_become_a_job_with_three_documents(platform: Platform, url: str, tmp_path: Path) -> None:
    result = typed(url, "dbt", *write_artifacts(tmp_path), *PLACE)

    assert result.exit_code == 0, result.output
    assert "failed 1" in result.output
    assert delivered(platform) == (["succeeded"], DOCUMENTS)


def test_a_run_of_dbt_cloud_becomes_a_job_with_three_documents(
    platform: Platform, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_CLOUD_API_TOKEN", CLOUD_TOKEN)
    files = {"manifest.json": json.dumps(MANIFEST).encode(), "run_results.json": json.dumps(RESULTS).encode()}

    with serving_cloud(Run(5, steps={"dbt build": files})) as cloud:
        result = typed(url, "dbt-cloud", "--host", cloud.server.url, "--account", ACCOUNT, "--run", "5", *PLACE)

    assert result.exit_code == 0, result.output
    assert delivered(platform) == (["succeeded"], DOCUMENTS)


def test_each_run_that_waits_becomes_a_job_with_three_documents(platform: Platform, url: str, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "store" / "outbox" / Endpoint(url).name)
    for hour in (1, 2):
        outbox.keep(report(hour, {"a": "failed"}))

    result = typed(url, "flush")

    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == f"2 delivered, 0 waiting, 0 parked ({url})"
    assert delivered(platform) == (["succeeded"] * 2, DOCUMENTS * 2)


@pytest.mark.parametrize("output", ["text", "markdown", "github"])
def test_issues_of_the_platform_are_not_counted(url: str, tmp_path: Path, output: str) -> None:
    result = typed(url, "dbt", *write_artifacts(tmp_path), *PLACE, "--format", output, "--fail-on", "new")

    assert result.exit_code == 0, result.output
    assert "issue" not in result.stdout.lower()
    assert "--fail-on new: not judged" in result.stderr


def test_the_answer_says_that_issues_are_not_told(url: str, tmp_path: Path) -> None:
    result = typed(url, "dbt", *write_artifacts(tmp_path), *PLACE, "--format", "json")

    assert json.loads(result.stdout)["delivery"]["open_issues"] is None
