"""Takes a run into the store, once: one transaction, all or nothing."""

from qalita_ingest.sandbox.intake.accept import ConflictingRunError, accept, answer_again, take_in
from qalita_ingest.sandbox.intake.job import new_job

__all__ = ["ConflictingRunError", "accept", "answer_again", "new_job", "take_in"]
