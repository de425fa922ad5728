"""The score is the contract's: whoever sends to a platform without scores computes the same."""

from qalita_ingest.contract.scores import VALUES, ScoredResult, score_run

__all__ = ["VALUES", "ScoredResult", "score_run"]
