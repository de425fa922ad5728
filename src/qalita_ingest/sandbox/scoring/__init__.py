"""Rules, and nothing but rules: values in, values out."""

from qalita_ingest.sandbox.scoring.flakiness import FEWEST_CHANGES, LATEST_OUTCOMES, is_flaky
from qalita_ingest.sandbox.scoring.lifecycle import (
    IssueState,
    Observation,
    Seen,
    Transition,
    advance,
    end_of_silence,
    is_overdue,
    issue_status,
    issue_title,
    observe_result,
    observe_step,
    removed,
    replay,
    under_its_definitions,
)

__all__ = [
    "FEWEST_CHANGES",
    "LATEST_OUTCOMES",
    "IssueState",
    "Observation",
    "Seen",
    "Transition",
    "advance",
    "end_of_silence",
    "is_flaky",
    "is_overdue",
    "issue_status",
    "issue_title",
    "observe_result",
    "observe_step",
    "removed",
    "replay",
    "under_its_definitions",
]
