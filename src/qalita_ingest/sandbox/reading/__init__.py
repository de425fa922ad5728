"""What the store says, as values: lists by the page, each thing with what belongs to it. Nothing is written here."""

from qalita_ingest.sandbox.reading.check_results import CheckResultView, list_check_results
from qalita_ingest.sandbox.reading.checks import CheckView, find_check, list_checks, project_of_check
from qalita_ingest.sandbox.reading.datasets import (
    ColumnView,
    DatasetDetail,
    DatasetView,
    find_dataset,
    list_datasets,
    project_of_dataset,
)
from qalita_ingest.sandbox.reading.environments import EnvironmentRef, find_environment, is_place
from qalita_ingest.sandbox.reading.jobs import JobDetail, JobFileView, JobLogView, JobView, find_job, list_jobs
from qalita_ingest.sandbox.reading.lineage import ExposureView, Lineage, LineageEdge, LineageNode
from qalita_ingest.sandbox.reading.metrics import MetricPerimeter, MetricView, list_metrics
from qalita_ingest.sandbox.reading.packs import PackVersionView, PackView, find_pack, list_packs
from qalita_ingest.sandbox.reading.pages import LARGEST_PAGE, PAGE_SIZE, CursorError, Page, Window
from qalita_ingest.sandbox.reading.projects import EnvironmentView, ProjectView, find_project, list_projects
from qalita_ingest.sandbox.reading.recent_results import RecentResult
from qalita_ingest.sandbox.reading.registered_sources import (
    RegisteredSourceView,
    find_registered_source,
    list_registered_sources,
)
from qalita_ingest.sandbox.reading.run import InvocationView, RunDetail, find_run, is_run
from qalita_ingest.sandbox.reading.run_results import RunResultView, list_run_results
from qalita_ingest.sandbox.reading.runs import RunView, list_runs
from qalita_ingest.sandbox.reading.scores import Perimeter, ScorePoint, list_scores
from qalita_ingest.sandbox.reading.sources import SourceView, list_sources
from qalita_ingest.sandbox.reading.steps import StepView, list_run_steps
from qalita_ingest.sandbox.reading.tokens import TokenView, find_token, list_tokens
from qalita_ingest.sandbox.reading.webhooks import (
    DeliveryView,
    WebhookSummary,
    WebhookView,
    find_delivery,
    find_webhook,
    list_deliveries,
    list_webhooks,
    summaries_of_webhooks,
)

__all__ = [
    "LARGEST_PAGE",
    "PAGE_SIZE",
    "CheckResultView",
    "CheckView",
    "ColumnView",
    "CursorError",
    "DatasetDetail",
    "DatasetView",
    "DeliveryView",
    "EnvironmentRef",
    "EnvironmentView",
    "ExposureView",
    "InvocationView",
    "JobDetail",
    "JobFileView",
    "JobLogView",
    "JobView",
    "Lineage",
    "LineageEdge",
    "LineageNode",
    "MetricPerimeter",
    "MetricView",
    "PackVersionView",
    "PackView",
    "Page",
    "Perimeter",
    "ProjectView",
    "RecentResult",
    "RegisteredSourceView",
    "RunDetail",
    "RunResultView",
    "RunView",
    "ScorePoint",
    "SourceView",
    "StepView",
    "TokenView",
    "WebhookSummary",
    "WebhookView",
    "Window",
    "find_check",
    "find_dataset",
    "find_delivery",
    "find_environment",
    "find_job",
    "find_pack",
    "find_project",
    "find_registered_source",
    "find_run",
    "find_token",
    "find_webhook",
    "is_place",
    "is_run",
    "list_check_results",
    "list_checks",
    "list_datasets",
    "list_deliveries",
    "list_jobs",
    "list_metrics",
    "list_packs",
    "list_projects",
    "list_registered_sources",
    "list_run_results",
    "list_run_steps",
    "list_runs",
    "list_scores",
    "list_sources",
    "list_tokens",
    "list_webhooks",
    "project_of_check",
    "project_of_dataset",
    "summaries_of_webhooks",
]
