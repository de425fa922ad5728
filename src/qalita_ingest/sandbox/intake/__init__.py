"""Takes a run into the store, once: one transaction, all or nothing."""

from qalita_ingest.sandbox.intake.accept import ConflictingRunError, KeptRun, accept, answer_again, kept_runs, take_in
from qalita_ingest.sandbox.intake.job import store_pending_jobs

__all__ = [
    "ConflictingRunError",
    "KeptRun",
    "accept",
    "answer_again",
    "kept_runs",
    "store_pending_jobs",
    "take_in",
]
