"""Where a run was made, from the variables that each CI documents; and which values are secrets."""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from factories import report
from qalita_ingest.run_context import RunEnvironment, hidden, run_environment, secrets_in, with_adapter_version

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD, MERGE = "a" * 40, "b" * 40
EVENT = json.dumps({"action": "opened", "pull_request": {"number": 7, "head": {"sha": HEAD, "ref": "topic"}}})
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": MERGE,
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REF_NAME": "main",
    "GITHUB_RUN_ID": "1658821493",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "shop/data",
    "GITHUB_ACTOR": "octocat",
}
PULL_REQUEST = {
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_REF_NAME": "7/merge",
    "GITHUB_HEAD_REF": "topic",
    "GITHUB_EVENT_PATH": "event.json",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": MERGE,
    "CI_COMMIT_BRANCH": "main",
    "CI_JOB_ID": "50",
    "CI_JOB_URL": "https://gitlab.example.org/shop/data/-/jobs/50",
    "GITLAB_USER_LOGIN": "jdoe",
}
AZURE = {
    "TF_BUILD": "True",
    "BUILD_SOURCEVERSION": MERGE,
    "BUILD_SOURCEBRANCH": "refs/heads/feature/topic",
    "BUILD_BUILDID": "93",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/shop/",
    "SYSTEM_TEAMPROJECT": "Data team",
    "BUILD_REQUESTEDFOR": "J. Doe",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example.org/",
    "GIT_COMMIT": HEAD,
    "GIT_BRANCH": "origin/main",
    "BUILD_TAG": "jenkins-nightly-12",
    "BUILD_URL": "https://ci.example.org/job/nightly/12/",
}


def found(environ: Mapping[str, str], *, git: tuple[str | None, str | None] = (None, None), **flags: Any) -> Any:
    return run_environment(
        environ, RunEnvironment(**flags), lambda: git, {"event.json": EVENT.encode(), "odd.json": b"{"}.get
    )


def test_github_names_commit_branch_run_attempt_and_user() -> None:
    assert found(GITHUB) == RunEnvironment(
        git_sha=MERGE,
        git_branch="main",
        job_id="1658821493",
        ci_provider="GitHub Actions",
        ci_url="https://github.com/shop/data/actions/runs/1658821493/attempts/2",
        user="octocat",
    )


def test_in_a_pull_request_of_github_the_head_commit_counts_not_the_merge_commit() -> None:
    where = found(GITHUB | PULL_REQUEST)

    assert (where.git_sha, where.git_branch) == (HEAD, "topic")


@pytest.mark.parametrize("path", ["missing.json", "odd.json", ""])
def test_an_event_of_github_that_cannot_be_read_leaves_the_merge_commit(path: str) -> None:
    assert found(GITHUB | PULL_REQUEST | {"GITHUB_EVENT_PATH": path}).git_sha == MERGE


def test_under_pull_request_target_github_checks_the_base_out() -> None:
    where = found(GITHUB | PULL_REQUEST | {"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF_NAME": "main"})

    assert (where.git_sha, where.git_branch) == (MERGE, "main")


def test_gitlab_names_commit_branch_job_and_user() -> None:
    assert found(GITLAB) == RunEnvironment(MERGE, "main", "50", "GitLab CI", GITLAB["CI_JOB_URL"], "jdoe")


def test_in_a_pipeline_for_merged_results_of_gitlab_the_head_commit_counts() -> None:
    request = {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic"}

    where = found(GITLAB | request)

    assert (where.git_sha, where.git_branch) == (HEAD, "topic")


def test_azure_names_commit_branch_build_and_user() -> None:
    url = "https://dev.azure.com/shop/Data%20team/_build/results?buildId=93"

    assert found(AZURE) == RunEnvironment(MERGE, "feature/topic", "93", "Azure Pipelines", url, "J. Doe")


def test_in_a_pull_request_of_azure_the_head_commit_counts() -> None:
    request = {"SYSTEM_PULLREQUEST_SOURCECOMMITID": HEAD, "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/topic"}

    where = found(AZURE | request | {"BUILD_SOURCEBRANCH": "refs/pull/7/merge"})

    assert (where.git_sha, where.git_branch) == (HEAD, "topic")


def test_jenkins_names_commit_branch_and_build() -> None:
    assert found(JENKINS) == RunEnvironment(HEAD, "main", "jenkins-nightly-12", "Jenkins", JENKINS["BUILD_URL"])


def test_the_branch_of_a_pull_request_of_jenkins_is_its_own() -> None:
    assert found(JENKINS | {"BRANCH_NAME": "PR-7", "CHANGE_BRANCH": "topic"}).git_branch == "topic"


def test_dbt_cloud_names_its_run_and_git_the_commit_where_dbt_cloud_does_not() -> None:
    where = found({"DBT_CLOUD_RUN_ID": "456", "DBT_CLOUD_JOB_ID": "123"}, git=(HEAD, "main"))

    assert where == RunEnvironment(HEAD, "main", "456", "dbt Cloud")


def test_dbt_cloud_names_the_commit_of_a_pull_request() -> None:
    assert found({"DBT_CLOUD_RUN_ID": "456", "DBT_CLOUD_GIT_SHA": HEAD}, git=(MERGE, None)).git_sha == HEAD


def test_a_job_of_github_that_asks_dbt_cloud_is_a_job_of_github() -> None:
    assert found(GITHUB | {"DBT_CLOUD_RUN_ID": "456"}).ci_provider == "GitHub Actions"


def test_outside_of_any_ci_git_and_the_login_name_are_asked() -> None:
    where = found({"USER": "jdoe", "CI_JOB_URL": "https://example.org"}, git=(HEAD, "main"))

    assert where == RunEnvironment(git_sha=HEAD, git_branch="main", user="jdoe")


def test_where_the_ci_knows_the_commit_git_is_not_asked() -> None:
    def unasked() -> tuple[None, None]:
        raise AssertionError("git was asked")

    assert run_environment(GITHUB, RunEnvironment(), unasked).git_sha == MERGE


def test_flags_win() -> None:
    where = found(GITHUB, git_sha=HEAD, git_branch="topic", job_id="nightly")

    assert (where.git_sha, where.git_branch, where.job_id) == (HEAD, "topic", "nightly")


def test_an_empty_flag_is_one_that_was_not_given() -> None:
    assert found(GITHUB, git_sha="", job_id=" ") == found(GITHUB)


def test_another_commit_than_the_one_checked_out_is_not_put_on_its_branch() -> None:
    assert found({}, git=(MERGE, "main"), git_sha=HEAD).git_branch is None
    assert found({}, git=(MERGE, "main"), git_sha=MERGE[:8]).git_branch == "main"


def test_the_same_job_gives_the_same_answer_wherever_its_checkout_stands_meanwhile() -> None:
    assert found(GITHUB | PULL_REQUEST, git=(MERGE, None)) == found(GITHUB | PULL_REQUEST, git=("c" * 40, "other"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://user:hunter22@ci.example.org:8443/job/1", "https://ci.example.org:8443/job/1"),
        ("https://ci.example.org/1?private_token=abc&page=2#top", "https://ci.example.org/1?page=2"),
        ("https://ci.example.org/1?sig=abc&X-Amz-Signature=def", "https://ci.example.org/1"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://ci.example.org:port/", None),
        ("not an address", None),
        ("https://ci.example.org/" + "x" * 2000, None),
    ],
)
def test_an_address_is_kept_without_what_could_be_secret(given: str, kept: str | None) -> None:
    assert found(GITLAB | {"CI_JOB_URL": given}).ci_url == kept


def test_names_are_of_bounded_length_and_hold_no_control_characters() -> None:
    where = found(GITLAB | {"GITLAB_USER_LOGIN": "j\x1b[31mdoe\n\u202e", "CI_COMMIT_BRANCH": "x" * 1000})

    assert where.user == "j[31mdoe"
    assert where.git_branch == "x" * 255


def test_no_other_variable_is_repeated() -> None:
    planted = {"CI_JOB_TOKEN": "glcbt-1", "GITHUB_TOKEN": "ghp-1", "CI_REPOSITORY_URL": "https://u:p@h", "HOME": "/h"}

    for environ in (GITHUB, GITLAB, AZURE, JENKINS):
        assert found(environ | planted) == found(environ)


@pytest.mark.parametrize(
    "name",
    [
        "SNOWFLAKE_PASSWORD",
        "DB_PASSWD",
        "GITHUB_TOKEN",
        "api_key",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "PRIVATE_KEY_PASSPHRASE",
        "SERVICE_CREDENTIALS",
        "DBT_ENV_SECRET_GIT",
        "APIKEY",
    ],
)
def test_a_variable_whose_name_says_secret_holds_one(name: str) -> None:
    assert secrets_in({name: "planted-value"}) == {"planted-value"}


@pytest.mark.parametrize("name", ["PWD", "PATH", "KEYBOARD", "MONKEY", "HOME", "LANG"])
def test_other_variables_hold_none(name: str) -> None:
    assert secrets_in({name: "planted-value"}) == set()


def test_a_password_within_an_address_is_a_secret_as_written_and_as_meant() -> None:
    assert secrets_in({"DATABASE": "postgres://user:p%40ssword@host/db"}) == {"p%40ssword", "p@ssword"}


def test_fewer_than_six_characters_are_no_secret() -> None:
    assert secrets_in({"API_TOKEN": "12345", "API_KEY": " 123456\n"}) == {"123456"}


def test_the_lines_of_a_key_are_secrets_each() -> None:
    lines = ["MIIEvQIBADANBgkqhkiG9w0BAQ", "EFAASCBKcwggSjAgEAAoIBAQC7"]
    key = "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----"])

    assert secrets_in({"PRIVATE_KEY": key}) == {key, *lines}


def test_a_secret_that_begins_like_another_leaves_nothing_behind() -> None:
    assert hidden("got abcdefgh", {"abcdef", "abcdefgh"}) == "got ***"


def adapter_version(adapter: str | None, dbt: str | None) -> str | None:
    run = report(1, {"a": "passed"})
    context = msgspec.structs.replace(run.context, adapter=adapter, tool_version=dbt)
    return with_adapter_version(msgspec.structs.replace(run, context=context)).context.adapter_version


class TestAdapterVersion:
    def test_it_is_that_of_the_adapter_beside_the_dbt_that_ran(self) -> None:
        assert adapter_version("duckdb", metadata.version("dbt-core")) == metadata.version("dbt-duckdb")

    def test_of_another_dbt_nothing_is_known(self) -> None:
        assert adapter_version("duckdb", "1.7.0") is None

    def test_of_an_adapter_that_is_not_here_nothing_is_known(self) -> None:
        assert adapter_version("oracle", metadata.version("dbt-core")) is None
