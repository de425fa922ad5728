"""The API of today: ingestion and reading."""

from qalita_ingest.sandbox.routers.v2 import ingest, issues, runs

routers = (ingest.router, runs.router, issues.router)

__all__ = ["routers"]
