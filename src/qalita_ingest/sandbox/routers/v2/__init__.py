"""The API of today: ingestion and reading."""

from qalita_ingest.sandbox.routers.v2 import ingest, issues, runs, uploads

routers = (ingest.router, uploads.router, runs.router, issues.router)

__all__ = ["routers"]
