"""Issues: read them; mute, assign and comment them, give them a due date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, StringConstraints, WithJsonSchema

from qalita_ingest.sandbox.access import who_asks
from qalita_ingest.sandbox.issues import (
    LONGEST_COMMENT,
    LONGEST_NAME,
    EvidenceView,
    IssueEventView,
    IssueView,
    assign_issue,
    comment_issue,
    find_issues,
    issue_events,
    issue_evidence,
    mute_issue,
    set_due,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf, one_line, plain_text
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.scoring import end_of_silence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

router = APIRouter(prefix="/issues", tags=["issues"])


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _begins_with_a_day(value: Any) -> Any:
    """Pydantic would also take numbers: as seconds since 1970."""
    if not (isinstance(value, str) and _DAY.match(value)):
        raise ValueError("expected a day as 2026-01-31")
    return value


def _is_whole_day(value: Any) -> Any:
    """A day is all of it; whatever else begins like one is a time or none."""
    if not (isinstance(value, str) and _DAY.match(value)):
        raise ValueError("expected a day as 2026-01-31 or a time as 2026-01-31T18:00:00Z")
    if not _DAY.fullmatch(value):
        return value
    try:
        return end_of_silence(date.fromisoformat(value))
    except ValueError:
        raise ValueError("expected a day that the calendar has") from None


def _bounded(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Name = Annotated[str, _bounded(LONGEST_NAME), AfterValidator(one_line)]
# Told apart by their form: in OpenAPI one of the two.
Until = Annotated[
    AwareDatetime,
    BeforeValidator(_is_whole_day),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]
Day = Annotated[date, BeforeValidator(_begins_with_a_day)]
Text = Annotated[str, _bounded(LONGEST_COMMENT), AfterValidator(plain_text)]


class IssueDetail(IssueView, frozen=True, kw_only=True):
    """An issue with what its latest finding said (None for a step) and its story, in the order in which it happened."""

    evidence: EvidenceView | None
    events: list[IssueEventView]


class Mute(BaseModel):
    """`until` is the last day of the silence (all of it, in UTC), or a time with a zone; null ends it now.

    `actor` is who asked, where no token says so.
    """

    until: Until | None
    actor: Name


class Assignment(BaseModel):
    """`assignee` is who takes care of it; null is nobody."""

    assignee: Name | None
    actor: Name


class DueDate(BaseModel):
    """`due_on` is the last day in time, in UTC; null takes the date off."""

    due_on: Day | None
    actor: Name


class Comment(BaseModel):
    text: Text
    actor: Name


@router.get("", responses=answers(list[IssueView]))
def list_issues(
    database: DatabaseOf,
    now: NowOf,
    project: str | None = None,
    environment: str | None = None,
    status: Literal["open", "resolved", "muted"] | None = None,
) -> Response:
    """All issues that match, the oldest first, without pages: there are at most as many as checks and steps.

    A bare array: that is what the command line of released versions reads.
    """
    with database.reading() as session:
        found = find_issues(session, now=now, project=project, environment=environment)
    return json_response([issue for issue in found if status in {None, issue.status}])


@router.get("/{issue_id}", responses=answers(IssueDetail, 404))
def read_issue(issue_id: IdOf, database: DatabaseOf, now: NowOf) -> Response:
    """The issue, what its latest finding said, and its story."""
    with database.reading() as session:
        found = _known(session, issue_id, now)
        detail = IssueDetail(
            evidence=issue_evidence(session, issue_id),
            events=issue_events(session, issue_id),
            **msgspec.structs.asdict(found),
        )
    return json_response(detail)


@router.get("/{issue_id}/events", responses=answers(list[IssueEventView], 404))
def list_events(issue_id: IdOf, database: DatabaseOf, now: NowOf) -> Response:
    """Its story, in the order in which it happened."""
    with database.reading() as session:
        _known(session, issue_id, now)
        return json_response(issue_events(session, issue_id))


@router.post("/{issue_id}/mute", responses=answers(IssueView, 400, 404))
def mute(issue_id: IdOf, wish: Mute, request: Request, database: DatabaseOf, now: NowOf) -> Response:
    """Silence it until then."""
    if wish.until is not None and wish.until <= now:
        raise HTTPException(
            422, f"until: expected today (UTC), a day or a time to come, found {wish.until.isoformat()}"
        )
    with database.writing() as session:
        known = _known(session, issue_id, now)
        if wish.until is None and known.muted_until is None:
            raise HTTPException(422, f"issue {issue_id} is not muted")
        mute_issue(session, issue_id, until=wish.until, actor=_actor(request, wish.actor), now=now)
        return _as_changed(session, issue_id, now)


@router.post("/{issue_id}/assign", responses=answers(IssueView, 400, 404))
def assign(issue_id: IdOf, wish: Assignment, request: Request, database: DatabaseOf, now: NowOf) -> Response:
    """Say who takes care of it."""
    with database.writing() as session:
        known = _known(session, issue_id, now)
        if wish.assignee is None and known.assignee is None:
            raise HTTPException(422, f"issue {issue_id} is assigned to nobody")
        assign_issue(session, issue_id, assignee=wish.assignee, actor=_actor(request, wish.actor), now=now)
        return _as_changed(session, issue_id, now)


@router.post("/{issue_id}/due", responses=answers(IssueView, 400, 404))
def set_due_date(issue_id: IdOf, wish: DueDate, request: Request, database: DatabaseOf, now: NowOf) -> Response:
    """Say until when it is to be mended."""
    if wish.due_on is not None and wish.due_on < now.astimezone(UTC).date():
        raise HTTPException(422, f"due_on: expected today (UTC) or a day to come, found {wish.due_on}")
    with database.writing() as session:
        known = _known(session, issue_id, now)
        if wish.due_on is None and known.due_on is None:
            raise HTTPException(422, f"issue {issue_id} has no due date")
        set_due(session, issue_id, due_on=wish.due_on, actor=_actor(request, wish.actor), now=now)
        return _as_changed(session, issue_id, now)


@router.post("/{issue_id}/comment", responses=answers(IssueView, 400, 404))
def comment(issue_id: IdOf, wish: Comment, request: Request, database: DatabaseOf, now: NowOf) -> Response:
    """Add a comment to its story."""
    with database.writing() as session:
        _known(session, issue_id, now)
        comment_issue(session, issue_id, text=wish.text, actor=_actor(request, wish.actor), now=now)
        return _as_changed(session, issue_id, now)


def _actor(request: Request, named: str) -> str:
    """Whose token it is; without one, the name that was given."""
    identity = who_asks(request)
    return identity.subject if identity.jti else named


def _known(session: Session, issue_id: int, now: datetime) -> IssueView:
    found = find_issues(session, now=now, issue_id=issue_id)
    if not found:
        raise HTTPException(404, f"there is no issue {issue_id}")
    return found[0]


def _as_changed(session: Session, issue_id: int, now: datetime) -> Response:
    session.flush()
    return json_response(_known(session, issue_id, now))
