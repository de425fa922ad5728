"""Takes a run into the store, once: one transaction, all or nothing."""

from qalita_ingest.sandbox.intake.accept import ConflictingRunError, accept, answer_again, take_in
from qalita_ingest.sandbox.intake.job import store_pending_job

__all__ = ["ConflictingRunError", "accept", "answer_again", "store_pending_job", "take_in"]
