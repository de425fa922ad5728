"""Issues as people see them, and what people do with them. What runs do to them is the intake's."""

from qalita_ingest.sandbox.issues.acts import (
    LONGEST_COMMENT,
    LONGEST_NAME,
    assign_issue,
    comment_issue,
    mute_issue,
    set_due,
)
from qalita_ingest.sandbox.issues.views import (
    EvidenceView,
    IssueEventView,
    IssueView,
    TitledIssue,
    count_open_issues,
    find_issues,
    issue_events,
    issue_evidence,
    titled_issues,
)

__all__ = [
    "LONGEST_COMMENT",
    "LONGEST_NAME",
    "EvidenceView",
    "IssueEventView",
    "IssueView",
    "TitledIssue",
    "assign_issue",
    "comment_issue",
    "count_open_issues",
    "find_issues",
    "issue_events",
    "issue_evidence",
    "mute_issue",
    "set_due",
    "titled_issues",
]
