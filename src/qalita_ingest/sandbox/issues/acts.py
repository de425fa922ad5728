"""What people do with an issue: each act changes it and is kept in its story, with who and when.

Runs decide other columns, and take no event of a person away. Each function returns False where there is no such issue.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from qalita_ingest.sandbox.database.model import Issue, IssueEvent

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

# In characters: what whoever takes them in must see to.
LONGEST_NAME = 255
LONGEST_COMMENT = 10_000


def mute_issue(session: Session, issue_id: int, *, until: datetime | None, actor: str, now: datetime) -> bool:
    """Until then its findings raise nothing; None unmutes."""
    issue = session.get(Issue, issue_id)
    if issue is None:
        return False
    issue.muted_until = until
    kind, detail = ("muted", until.astimezone(UTC).isoformat()) if until else ("unmuted", None)
    session.add(_act(issue_id, kind, actor, now, detail=detail))
    return True


def assign_issue(session: Session, issue_id: int, *, assignee: str | None, actor: str, now: datetime) -> bool:
    """None: nobody. The owner, which the definitions name, stays what it is."""
    issue = session.get(Issue, issue_id)
    if issue is None:
        return False
    issue.assignee = assignee
    session.add(_act(issue_id, "assigned" if assignee else "unassigned", actor, now, detail=assignee))
    return True


def set_due(session: Session, issue_id: int, *, due_on: date | None, actor: str, now: datetime) -> bool:
    """The last day in time; None takes the date off."""
    issue = session.get(Issue, issue_id)
    if issue is None:
        return False
    issue.due_on = due_on
    kind, detail = ("due_set", due_on.isoformat()) if due_on else ("due_removed", None)
    session.add(_act(issue_id, kind, actor, now, detail=detail))
    return True


def comment_issue(session: Session, issue_id: int, *, text: str, actor: str, now: datetime) -> bool:
    if session.get(Issue, issue_id) is None:
        return False
    session.add(_act(issue_id, "commented", actor, now, comment=text))
    return True


def _act(
    issue_id: int, kind: str, actor: str, now: datetime, *, detail: str | None = None, comment: str | None = None
) -> IssueEvent:
    return IssueEvent(
        issue_id=issue_id, run_id=None, kind=kind, occurred_at=now, actor=actor, detail=detail, comment=comment
    )
