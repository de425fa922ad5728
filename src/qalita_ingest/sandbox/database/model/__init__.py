"""Tables. Natural keys are unique constraints; ids are surrogates that nothing outside may rely on for identity."""

from qalita_ingest.sandbox.database.model.base import Base
from qalita_ingest.sandbox.database.model.definition import (
    Check,
    Dataset,
    DefinitionSet,
    Environment,
    Exposure,
    Project,
    Source,
)
from qalita_ingest.sandbox.database.model.issue import Issue, IssueEvent
from qalita_ingest.sandbox.database.model.run import Invocation, Metric, Result, Run, Score, Step
from qalita_ingest.sandbox.database.model.upload import UploadPart

__all__ = [
    "Base",
    "Check",
    "Dataset",
    "DefinitionSet",
    "Environment",
    "Exposure",
    "Invocation",
    "Issue",
    "IssueEvent",
    "Metric",
    "Project",
    "Result",
    "Run",
    "Score",
    "Source",
    "Step",
    "UploadPart",
]
