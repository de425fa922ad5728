"""The script of the example for GitLab CI runs: here it does, on a real dbt project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import yaml

from ci_jobs import GITLAB, GITLAB_VARIABLES, SHA, Job, job_of_gitlab
from server_process import free_port
from small_dbt import BAD, write_project

if TYPE_CHECKING:
    from pathlib import Path

    from workspaces import Done


def run_on_gitlab(job: Job, **more: str) -> Done:
    """The script of the job; the installation has a test of its own."""
    variables = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["variables"]
    of_rule = job_of_gitlab()["rules"][1]["variables"]
    return job.bash("\n".join(job_of_gitlab()["script"]), **variables | of_rule | more)


def test_a_failed_build_on_gitlab_is_taken_and_ends_as_dbt_ended(tmp_path: Path, built_shop: Path) -> None:
    job = Job(write_project(tmp_path / "project", BAD, parsed=built_shop), GITLAB_VARIABLES)

    done = run_on_gitlab(job)

    assert done.status == 1, done.output
    assert job.runs("environments.name, ci_provider, ci_url, job_id, git_sha, git_branch") == [
        ("prod", "GitLab CI", GITLAB_VARIABLES["CI_JOB_URL"], "77", SHA, "main")
    ]
    reports = job_of_gitlab()["artifacts"]["reports"]
    (finding,) = json.loads((job.folder / reports["codequality"]).read_text())
    assert "accepted_values_orders_status" in finding["description"]
    junit = ET.parse(job.folder / reports["junit"])  # noqa: S314 (our own)
    assert junit.find(".//failure") is not None


def test_the_gate_on_gitlab_fails_a_job_whose_dbt_only_warned(tmp_path: Path, built_shop: Path) -> None:
    job = Job(write_project(tmp_path / "project", BAD, severity="warn", parsed=built_shop), GITLAB_VARIABLES)

    assert run_on_gitlab(job).status == 5
    # The issue is known now.
    assert run_on_gitlab(job).status == 0


def test_a_run_that_gitlab_could_not_deliver_is_where_its_cache_takes_it(tmp_path: Path, built_shop: Path) -> None:
    job = Job(write_project(tmp_path / "project", parsed=built_shop), GITLAB_VARIABLES)

    done = run_on_gitlab(job, QALITA_AGENT_ENDPOINT=f"http://127.0.0.1:{free_port()}")

    assert done.status in job_of_gitlab()["allow_failure"]["exit_codes"], done.output
    (cached,) = job_of_gitlab()["cache"]["paths"]
    assert len(list((job.folder / cached).rglob("*.json.gz"))) == 1
