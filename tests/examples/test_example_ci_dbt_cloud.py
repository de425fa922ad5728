"""The script for jobs of dbt Cloud runs: here it does, on a server that answers as dbt Cloud does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_jobs import EXAMPLES, Job, rows
from cloud_stand_in import ACCOUNT, ERROR, PREPARING, TOKEN, Run, serving_cloud
from server_process import free_port

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def artifacts(built_shop: Path) -> dict[str, bytes]:
    """What a real `dbt build` with a failed test leaves behind."""
    return {path.name: path.read_bytes() for path in built_shop.glob("*.json")}


def cloud_variables(url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DBT_CLOUD_API_TOKEN": TOKEN,
        "DBT_CLOUD_HOST": url,
        "DBT_CLOUD_ACCOUNT_ID": ACCOUNT,
        "DBT_CLOUD_JOB": "7",
        "QALITA_PROJECT": "shop",
        "QALITA_STORE": str(tmp_path / "store"),
    }


def test_the_script_for_dbt_cloud_takes_failed_runs_and_counts_none_twice(
    tmp_path: Path, artifacts: dict[str, bytes]
) -> None:
    run = Run(5, ERROR, steps={name: {} for name in PREPARING} | {"dbt build": artifacts})
    script = EXAMPLES / "dbt-cloud" / "fetch_and_ingest.sh"
    (tmp_path / "anywhere").mkdir()
    with serving_cloud(run) as cloud:
        job = Job(tmp_path / "anywhere", cloud_variables(cloud.server.url, tmp_path))
        first, second = job.script(script), job.script(script)

    assert (first.status, second.status) == (0, 0), first.output
    assert "already delivered on " in second.stdout
    assert job.runs("run_id, environments.name, ci_provider, job_id", tmp_path / "store") == [
        ("dbt-cloud-5", "prod", "dbt Cloud", "5")
    ]
    assert rows("select count(*) from results where status = 'failed'", tmp_path / "store") == [(1,)]


def test_the_script_for_dbt_cloud_keeps_what_it_can_not_deliver(tmp_path: Path, artifacts: dict[str, bytes]) -> None:
    with serving_cloud(Run(5, ERROR, steps={"dbt build": artifacts})) as cloud:
        variables = cloud_variables(cloud.server.url, tmp_path)
        job = Job(tmp_path, variables | {"QALITA_AGENT_ENDPOINT": f"http://127.0.0.1:{free_port()}"})
        done = job.script(EXAMPLES / "dbt-cloud" / "fetch_and_ingest.sh")

    assert done.status == 0, done.output
    assert "kept in the outbox" in done.stderr
    assert len(list((tmp_path / "store").rglob("*.json.gz"))) == 1


@pytest.mark.parametrize("missing", ["DBT_CLOUD_API_TOKEN", "DBT_CLOUD_HOST", "DBT_CLOUD_JOB", "QALITA_PROJECT"])
def test_the_script_for_dbt_cloud_names_what_is_missing(tmp_path: Path, missing: str) -> None:
    variables = cloud_variables("ab123.us1.dbt.com", tmp_path)
    job = Job(tmp_path, {name: value for name, value in variables.items() if name != missing})

    done = job.script(EXAMPLES / "dbt-cloud" / "fetch_and_ingest.sh")

    assert done.status == 2
    assert f"{missing}: set it to" in done.stderr
