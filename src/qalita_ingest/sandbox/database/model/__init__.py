"""Tables. Natural keys are unique constraints; ids are surrogates that nothing outside may rely on for identity."""

from qalita_ingest.sandbox.database.model.base import Base
from qalita_ingest.sandbox.database.model.definition import Check, Dataset, DefinitionSet, Environment, Project, Source
from qalita_ingest.sandbox.database.model.issue import Issue, IssueEvent
from qalita_ingest.sandbox.database.model.run import Invocation, Metric, Result, Run, Score, Step

__all__ = [
    "Base",
    "Check",
    "Dataset",
    "DefinitionSet",
    "Environment",
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
]
