"""A Dagster run's records → one `RunReport`."""

from qalita_ingest.mapping.dagster.checks import check_key
from qalita_ingest.mapping.dagster.notes import Answered, notes_on
from qalita_ingest.mapping.dagster.plan import has_last_word
from qalita_ingest.mapping.dagster.report import map_dagster

__all__ = ["Answered", "check_key", "has_last_word", "map_dagster", "notes_on"]
