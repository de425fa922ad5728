"""Rules, and nothing but rules: values in, values out."""

from qalita_ingest.sandbox.scoring.lifecycle import (
    IssueState,
    Observation,
    Seen,
    Transition,
    advance,
    issue_status,
    issue_title,
    observe_result,
    observe_step,
    removed,
    replay,
)

__all__ = [
    "IssueState",
    "Observation",
    "Seen",
    "Transition",
    "advance",
    "issue_status",
    "issue_title",
    "observe_result",
    "observe_step",
    "removed",
    "replay",
]
