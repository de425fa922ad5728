"""Records → contract: pure, no files, no clock."""

from qalita_ingest.mapping.dbt import DbtArtifacts, RunLabels, map_dbt
from qalita_ingest.mapping.summary import Summary, SummaryResult, SummaryStep, summarise

__all__ = [
    "DbtArtifacts",
    "RunLabels",
    "Summary",
    "SummaryResult",
    "SummaryStep",
    "map_dbt",
    "summarise",
]
