"""All pages, with their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from qalita_ingest.sandbox.dashboard import downloads, forms, pictures
from qalita_ingest.sandbox.dashboard.errors import show_errors_as_pages
from qalita_ingest.sandbox.dashboard.pages import Table, add_page
from qalita_ingest.sandbox.dashboard.views.checks import check
from qalita_ingest.sandbox.dashboard.views.datasets import dataset
from qalita_ingest.sandbox.dashboard.views.issues import issue, issues
from qalita_ingest.sandbox.dashboard.views.jobs import job, jobs
from qalita_ingest.sandbox.dashboard.views.overview import ProjectRow, overview
from qalita_ingest.sandbox.dashboard.views.projects import project
from qalita_ingest.sandbox.dashboard.views.registry import packs, sources
from qalita_ingest.sandbox.dashboard.views.runs import run, runs
from qalita_ingest.sandbox.dashboard.views.uploads import UploadedView
from qalita_ingest.sandbox.issues import IssueEventView, IssueView
from qalita_ingest.sandbox.reading import (
    CheckResultView,
    CheckView,
    DatasetView,
    JobView,
    PackView,
    RegisteredSourceView,
    RunResultView,
    RunView,
)

if TYPE_CHECKING:
    from fastapi import FastAPI


def include_dashboard(app: FastAPI) -> None:
    """After `handle_problems`: errors of pages are shown as pages."""
    for router in (_pages(), forms.router, pictures.router, downloads.router):
        app.include_router(router)
    show_errors_as_pages(app)


def _pages() -> APIRouter:
    router = APIRouter()
    projects = Table(ProjectRow, lambda page: page.projects)
    add_page(router, "/overview", "overview.html", overview, projects)
    add_page(router, "/runs", "runs.html", runs, Table(RunView, lambda page: page.runs.items))
    add_page(router, "/runs/{run_id}", "run.html", run, Table(RunResultView, lambda page: page.results.items))
    add_page(
        router, "/datasets/{dataset_id}", "dataset.html", dataset, Table(CheckView, lambda page: page.checks.items)
    )
    add_page(router, "/checks/{check_id}", "check.html", check, Table(CheckResultView, lambda page: page.results.items))
    add_page(router, "/issues", "issues.html", issues, Table(IssueView, lambda page: page.issues))
    add_page(router, "/issues/{issue_id}", "issue.html", issue, Table(IssueEventView, lambda page: page.events))
    registered = Table(RegisteredSourceView, lambda page: page.registered.items)
    add_page(router, "/sources", "sources.html", sources, registered)
    add_page(router, "/packs", "packs.html", packs, Table(PackView, lambda page: page.packs.items))
    add_page(router, "/jobs", "jobs.html", jobs, Table(JobView, lambda page: page.jobs.items))
    add_page(router, "/jobs/{job_id}", "job.html", job, Table(UploadedView, lambda page: page.uploads))
    datasets = Table(DatasetView, lambda page: page.datasets.items)
    # A project's name may hold anything, also slashes.
    add_page(router, "/projects/{project:path}", "project.html", project, datasets)
    router.add_api_route("/", lambda: RedirectResponse("/overview"), include_in_schema=False)
    return router
