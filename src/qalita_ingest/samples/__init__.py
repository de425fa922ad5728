"""Failing rows: what dbt's `store_failures` kept, brought to the results it belongs to. Only where the user asks."""

from qalita_ingest.samples.attach import attach_samples
from qalita_ingest.samples.request import SampleRequest

__all__ = ["SampleRequest", "attach_samples"]
