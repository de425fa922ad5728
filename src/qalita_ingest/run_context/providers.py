"""What each CI says about its job, in the variables it documents; no other variable is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Environ = Mapping[str, str]
    ReadFile = Callable[[str], bytes | None]


@dataclass(frozen=True)
class RunEnvironment:
    """What the artifacts don't say about where a run was made; None for what nobody said.

    `job_id` names the run where it was scheduled: GitHub's run, GitLab's job, Azure's and Jenkins' build, dbt Cloud's
    run.
    """

    git_sha: str | None = None
    git_branch: str | None = None
    job_id: str | None = None
    ci_provider: str | None = None
    ci_url: str | None = None
    user: str | None = None


def said_by_ci(environ: Environ, read_file: ReadFile) -> RunEnvironment:
    """dbt Cloud last: people set variables by its names in the jobs of others, to ask its API."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ, read_file)
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    if environ.get("TF_BUILD"):
        return _azure(environ)
    if environ.get("JENKINS_URL"):
        return _jenkins(environ)
    if environ.get("DBT_CLOUD_RUN_ID"):
        return _dbt_cloud(environ)
    return RunEnvironment(user=_either(environ, "LOGNAME", "USER", "USERNAME"))


def _dbt_cloud(environ: Environ) -> RunEnvironment:
    """https://docs.getdbt.com/docs/build/environment-variables#special-environment-variables."""
    return RunEnvironment(
        # Commit: in runs for a pull request only. Branch: in the Studio IDE only.
        git_sha=environ.get("DBT_CLOUD_GIT_SHA"),
        git_branch=environ.get("DBT_CLOUD_GIT_BRANCH"),
        job_id=environ["DBT_CLOUD_RUN_ID"],
        ci_provider="dbt Cloud",
    )


class _Commit(msgspec.Struct):
    sha: str


class _PullRequest(msgspec.Struct):
    head: _Commit


class _Event(msgspec.Struct):
    pull_request: _PullRequest


def _github(environ: Environ, read_file: ReadFile) -> RunEnvironment:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/variables."""
    sha, branch = environ.get("GITHUB_SHA"), None
    if environ.get("GITHUB_REF_TYPE") == "branch":
        branch = environ.get("GITHUB_REF_NAME")
    # GITHUB_SHA is a merge commit here, which nobody finds again; the event names the head of the pull request.
    # (Not under pull_request_target, which checks the base branch out.)
    if environ.get("GITHUB_EVENT_NAME") == "pull_request":
        sha = _head_of_pull_request(read_file(environ.get("GITHUB_EVENT_PATH", ""))) or sha
        branch = environ.get("GITHUB_HEAD_REF")
    return RunEnvironment(
        git_sha=sha,
        git_branch=branch,
        job_id=environ.get("GITHUB_RUN_ID"),
        ci_provider="GitHub Actions",
        ci_url=_github_url(environ),
        user=_either(environ, "GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"),
    )


def _head_of_pull_request(event: bytes | None) -> str | None:
    try:
        return msgspec.json.decode(event or b"", type=_Event).pull_request.head.sha
    except msgspec.DecodeError:
        return None


def _github_url(environ: Environ) -> str | None:
    parts = [environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    if not all(parts):
        return None
    attempt = environ.get("GITHUB_RUN_ATTEMPT")
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}" + (f"/attempts/{attempt}" if attempt else "")


def _gitlab(environ: Environ) -> RunEnvironment:
    """https://docs.gitlab.com/ci/variables/predefined_variables."""
    return RunEnvironment(
        # The first is set in pipelines for merged results, where CI_COMMIT_SHA is a merge commit.
        git_sha=_either(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"),
        git_branch=_either(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH"),
        job_id=environ.get("CI_JOB_ID"),
        ci_provider="GitLab CI",
        ci_url=environ.get("CI_JOB_URL"),
        user=environ.get("GITLAB_USER_LOGIN"),
    )


def _azure(environ: Environ) -> RunEnvironment:
    """https://learn.microsoft.com/azure/devops/pipelines/build/variables."""
    ref = _either(environ, "SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH") or ""
    return RunEnvironment(
        git_sha=_either(environ, "SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"),
        git_branch=None if ref.startswith(("refs/tags/", "refs/pull/")) else ref.removeprefix("refs/heads/"),
        job_id=environ.get("BUILD_BUILDID"),
        ci_provider="Azure Pipelines",
        ci_url=_azure_url(environ),
        user=environ.get("BUILD_REQUESTEDFOR"),
    )


def _azure_url(environ: Environ) -> str | None:
    parts = [environ.get(name) for name in ("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "BUILD_BUILDID")]
    if not all(parts):
        return None
    collection, project, build = (part or "" for part in parts)
    return f"{collection.rstrip('/')}/{quote(project)}/_build/results?buildId={build}"


def _jenkins(environ: Environ) -> RunEnvironment:
    """https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables, and env-vars.html of a server.

    CHANGE_BRANCH: the branch of a pull request, whose BRANCH_NAME is PR-7. GIT_BRANCH names the remote, too.
    """
    branch = _either(environ, "CHANGE_BRANCH", "BRANCH_NAME") or environ.get("GIT_BRANCH", "").removeprefix("origin/")
    return RunEnvironment(
        git_sha=environ.get("GIT_COMMIT"),
        git_branch=branch,
        job_id=environ.get("BUILD_TAG"),
        ci_provider="Jenkins",
        ci_url=environ.get("BUILD_URL"),
    )


def _either(environ: Environ, *names: str) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)
