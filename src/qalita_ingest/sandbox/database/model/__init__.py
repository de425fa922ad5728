"""Tables. Natural keys are unique constraints; ids are surrogates that nothing outside may rely on for identity."""

from qalita_ingest.sandbox.database.model.access import Token, Webhook, WebhookDelivery
from qalita_ingest.sandbox.database.model.base import Base
from qalita_ingest.sandbox.database.model.client import (
    Asset,
    Pack,
    PackVersion,
    Recommendation,
    RegisteredSource,
    Schema,
    Upload,
    UploadedMetric,
    Worker,
)
from qalita_ingest.sandbox.database.model.definition import (
    CatalogState,
    Check,
    Dataset,
    DefinitionSet,
    Environment,
    Exposure,
    Project,
    Source,
)
from qalita_ingest.sandbox.database.model.issue import Issue, IssueEvent
from qalita_ingest.sandbox.database.model.job import Job
from qalita_ingest.sandbox.database.model.run import Invocation, Metric, Result, Run, Score, Step
from qalita_ingest.sandbox.database.model.upload import UploadPart

__all__ = [
    "Asset",
    "Base",
    "CatalogState",
    "Check",
    "Dataset",
    "DefinitionSet",
    "Environment",
    "Exposure",
    "Invocation",
    "Issue",
    "IssueEvent",
    "Job",
    "Metric",
    "Pack",
    "PackVersion",
    "Project",
    "Recommendation",
    "RegisteredSource",
    "Result",
    "Run",
    "Schema",
    "Score",
    "Source",
    "Step",
    "Token",
    "Upload",
    "UploadPart",
    "UploadedMetric",
    "Webhook",
    "WebhookDelivery",
    "Worker",
]
