"""What people do with an issue on its page. Each form answers with the page again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.exc import OperationalError

from qalita_ingest.sandbox.access import who_asks
from qalita_ingest.sandbox.dashboard.errors import is_for_reading
from qalita_ingest.sandbox.dashboard.pages import values_for
from qalita_ingest.sandbox.dashboard.rendering import render
from qalita_ingest.sandbox.dashboard.views.found import found
from qalita_ingest.sandbox.dashboard.views.issues import issue
from qalita_ingest.sandbox.database import Database, words_for
from qalita_ingest.sandbox.issues import (
    LONGEST_COMMENT,
    LONGEST_NAME,
    assign_issue,
    comment_issue,
    mute_issue,
    set_due,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf, one_line, plain_text
from qalita_ingest.sandbox.scoring import end_of_silence

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

router = APIRouter(prefix="/issues/{issue_id}", include_in_schema=False)


def typed(field: str) -> Any:
    """What stands in a field of the form, also nothing. FastAPI can't tell an empty field from one that is missing."""

    async def read(request: Request) -> str:
        async with request.form() as form:
            value = form.get(field)
        if not isinstance(value, str):
            raise HTTPException(422, f"{field}: missing")
        return value

    return Depends(read)


UntilOf = Annotated[str, typed("until")]
AssigneeOf = Annotated[str, typed("assignee")]
DueOf = Annotated[str, typed("due_on")]
TextOf = Annotated[str, typed("text")]


@dataclass(frozen=True)
class Asked:
    """Of which issue something is asked, by whom, and when."""

    request: Request
    issue_id: int
    database: Database
    now: datetime

    @property
    def actor(self) -> str:
        return who_asks(self.request).subject


def asked(request: Request, issue_id: IdOf, database: DatabaseOf, now: NowOf) -> Asked:
    return Asked(request, issue_id, database, now)


AskedOf = Annotated[Asked, Depends(asked)]


@router.post("/mute")
def mute(by: AskedOf, until: UntilOf) -> Response:
    """`until` is the last day of the silence."""

    def act(session: Session) -> bool:
        day = _day(until, "until", by.now)
        if day is None:
            raise HTTPException(422, "until: expected a day as 2026-01-31, found nothing")
        return mute_issue(session, by.issue_id, until=end_of_silence(day), actor=by.actor, now=by.now)

    return _answer(by, {"until": until}, act)


@router.post("/unmute")
def unmute(by: AskedOf) -> Response:
    def act(session: Session) -> bool:
        return mute_issue(session, by.issue_id, until=None, actor=by.actor, now=by.now)

    return _answer(by, {"until": ""}, act)


@router.post("/assign")
def assign(by: AskedOf, assignee: AssigneeOf) -> Response:
    """Empty: nobody."""

    def act(session: Session) -> bool:
        name = _checked(assignee, "assignee", one_line, LONGEST_NAME) or None
        return assign_issue(session, by.issue_id, assignee=name, actor=by.actor, now=by.now)

    return _answer(by, {"assignee": assignee}, act)


@router.post("/due")
def due(by: AskedOf, due_on: DueOf) -> Response:
    """Empty takes the date off."""

    def act(session: Session) -> bool:
        day = _day(due_on, "due_on", by.now)
        return set_due(session, by.issue_id, due_on=day, actor=by.actor, now=by.now)

    return _answer(by, {"due_on": due_on}, act)


@router.post("/comment")
def comment(by: AskedOf, text: TextOf) -> Response:
    def act(session: Session) -> bool:
        said = _checked(text, "text", plain_text, LONGEST_COMMENT)
        if not said:
            raise HTTPException(422, "text: expected a comment, found nothing")
        return comment_issue(session, by.issue_id, text=said, actor=by.actor, now=by.now)

    return _answer(by, {"text": text}, act)


def _answer(by: Asked, typed: dict[str, str], act: Callable[[Session], bool]) -> Response:
    """303: the browser asks for the page, and a reload does nothing twice. What went wrong stands beside the field."""
    try:
        with by.database.writing() as session:
            found(act(session) or None, f"issue {by.issue_id}")
    except HTTPException as error:
        if error.status_code != HTTPStatus.UNPROCESSABLE_ENTITY or not is_for_reading(by.request):
            raise
        field, _, words = str(error.detail).partition(": ")
        return _page_again(by, typed, {field: words}, error.status_code)
    except OperationalError as error:
        if not is_for_reading(by.request):
            raise
        return _page_again(by, typed, {next(iter(typed)): words_for(error)}, HTTPStatus.SERVICE_UNAVAILABLE)
    return RedirectResponse(f"/issues/{by.issue_id}", status_code=303)


def _page_again(by: Asked, typed: dict[str, str], wrong: dict[str, str], status: int) -> Response:
    """With what was typed: nobody writes a comment twice."""
    shown = issue(by.issue_id, by.database, by.now)
    values = values_for(by.request, shown, has_table=True) | {"path": f"/issues/{by.issue_id}"}
    return HTMLResponse(render("issue.html", values | {"typed": typed, "wrong": wrong}), status)


def _day(text: str, field: str, now: datetime) -> date | None:
    """None where nothing was typed."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise HTTPException(422, f"{field}: expected a day as 2026-01-31, found {text[:40]!r}") from None
    if day is not None and day < now.astimezone(UTC).date():
        raise HTTPException(422, f"{field}: expected today (UTC) or a later day, found {day}")
    return day


def _checked(text: str, field: str, rule: Callable[[str], str], longest: int) -> str:
    """Without the blanks around it."""
    stripped = text.strip()
    if len(stripped) > longest:
        raise HTTPException(422, f"{field}: expected at most {longest} characters, found {len(stripped)}")
    try:
        return rule(stripped)
    except ValueError as error:
        raise HTTPException(422, f"{field}: {error}") from None
