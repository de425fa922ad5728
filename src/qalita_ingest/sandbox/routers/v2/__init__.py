"""The API of today: ingestion and reading."""

from qalita_ingest.sandbox.routers.v2 import (
    checks,
    data_sources,
    datasets,
    ingest,
    issues,
    job_history,
    metrics,
    projects,
    runs,
    scores,
    tokens,
    uploads,
    webhooks,
)

routers = (
    ingest.router,
    uploads.router,
    projects.router,
    datasets.router,
    checks.router,
    runs.router,
    scores.router,
    metrics.router,
    issues.router,
    data_sources.router,
    job_history.router,
    webhooks.router,
    tokens.router,
)

__all__ = ["routers"]
