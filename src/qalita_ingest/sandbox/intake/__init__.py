"""Takes a run into the store, once: one transaction, all or nothing."""

from qalita_ingest.sandbox.intake.accept import ConflictingRunError, accept, take_in

__all__ = ["ConflictingRunError", "accept", "take_in"]
