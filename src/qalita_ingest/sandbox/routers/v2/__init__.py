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
    uploads,
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
)

__all__ = ["routers"]
