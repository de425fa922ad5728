"""A dbt Cloud run and what its steps left behind, through dbt Cloud's Administrative API v2.

Specification: https://docs.getdbt.com/dbt-cloud/api-v2
"""

from qalita_ingest.dbt_cloud.access import Access, find_access
from qalita_ingest.dbt_cloud.api import Api, open_api
from qalita_ingest.dbt_cloud.artifacts import StepArtifacts, fetch_artifacts
from qalita_ingest.dbt_cloud.runs import CloudRun, RunStep, finished_run, finished_runs

__all__ = [
    "Access",
    "Api",
    "CloudRun",
    "RunStep",
    "StepArtifacts",
    "fetch_artifacts",
    "find_access",
    "finished_run",
    "finished_runs",
    "open_api",
]
