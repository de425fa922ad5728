"""Records → contract: pure, no files, no clock."""

from qalita_ingest.mapping.dbt import DbtArtifacts, RunLabels, map_dbt
from qalita_ingest.mapping.summary import Summary, summarise

__all__ = ["DbtArtifacts", "RunLabels", "Summary", "map_dbt", "summarise"]
