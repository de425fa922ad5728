"""What people do with an issue on its page. Each form answers with the page again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from qalita_ingest.sandbox.access import who_asks
from qalita_ingest.sandbox.issues import assign_issue, comment_issue, mute_issue, set_due
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.scoring import end_of_silence

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.database import Database

router = APIRouter(prefix="/issues/{issue_id}", include_in_schema=False)

LONGEST_COMMENT = 10_000
LONGEST_NAME = 255


@router.post("/mute")
def mute(
    request: Request, issue_id: int, database: DatabaseOf, now: NowOf, until: Annotated[str, Form()] = ""
) -> Response:
    """`until` is the last day of the silence; empty ends it now."""
    day = _day(until, "until")
    end = end_of_silence(day) if day else None
    if end is not None and end <= now:
        raise HTTPException(422, f"until: expected today or a later day, found {until}")
    actor = who_asks(request).subject
    return _act(database, issue_id, lambda session: mute_issue(session, issue_id, until=end, actor=actor, now=now))


@router.post("/assign")
def assign(
    request: Request, issue_id: int, database: DatabaseOf, now: NowOf, assignee: Annotated[str, Form()] = ""
) -> Response:
    name = _within(assignee.strip(), LONGEST_NAME, "assignee") or None
    actor = who_asks(request).subject
    return _act(
        database, issue_id, lambda session: assign_issue(session, issue_id, assignee=name, actor=actor, now=now)
    )


@router.post("/due")
def due(
    request: Request, issue_id: int, database: DatabaseOf, now: NowOf, due_on: Annotated[str, Form()] = ""
) -> Response:
    day = _day(due_on, "due_on")
    actor = who_asks(request).subject
    return _act(database, issue_id, lambda session: set_due(session, issue_id, due_on=day, actor=actor, now=now))


@router.post("/comment")
def comment(
    request: Request, issue_id: int, database: DatabaseOf, now: NowOf, text: Annotated[str, Form()] = ""
) -> Response:
    said = _within(text.strip(), LONGEST_COMMENT, "text")
    if not said:
        raise HTTPException(422, "text: expected a comment, found nothing")
    actor = who_asks(request).subject
    return _act(database, issue_id, lambda session: comment_issue(session, issue_id, text=said, actor=actor, now=now))


def _act(database: Database, issue_id: int, act: Callable[[Session], bool]) -> Response:
    """303: the browser asks for the page, and a reload does nothing twice."""
    with database.writing() as session:
        if not act(session):
            raise HTTPException(404, f"there is no issue {issue_id}")
    return RedirectResponse(f"/issues/{issue_id}", status_code=303)


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise HTTPException(422, f"{field}: expected a day as 2026-01-31, found {text[:40]!r}") from None


def _within(text: str, longest: int, field: str) -> str:
    if len(text) > longest:
        raise HTTPException(422, f"{field}: expected at most {longest} characters, found {len(text)}")
    return text
