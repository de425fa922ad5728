"""Records → contract: pure, no files, no clock."""

from qalita_ingest.mapping.dbt import DbtResults, RunLabels, map_dbt
from qalita_ingest.mapping.definitions import Definitions, define
from qalita_ingest.mapping.secrets import secrets_in_variables
from qalita_ingest.mapping.summary import Summary, SummaryResult, SummaryStep, summarise

__all__ = [
    "DbtResults",
    "Definitions",
    "RunLabels",
    "Summary",
    "SummaryResult",
    "SummaryStep",
    "define",
    "map_dbt",
    "secrets_in_variables",
    "summarise",
]
