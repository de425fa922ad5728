"""Issues: read them, mute them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from fastapi import APIRouter, HTTPException, Response
from pydantic import AwareDatetime, BaseModel

from qalita_ingest.sandbox.issues import find_issues, issue_events, issue_evidence, mute_issue
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response

router = APIRouter(prefix="/issues", tags=["issues"])


class Mute(BaseModel):
    """`until` is the end of the silence; null ends it now. `actor` is who asked."""

    until: AwareDatetime | None
    actor: str


@router.get("")
def list_issues(
    database: DatabaseOf,
    now: NowOf,
    project: str | None = None,
    environment: str | None = None,
    status: Literal["open", "resolved", "muted"] | None = None,
) -> Response:
    with database.reading() as session:
        found = find_issues(session, now=now, project=project, environment=environment)
    return json_response([issue for issue in found if status in {None, issue.status}])


@router.get("/{issue_id}")
def read_issue(issue_id: int, database: DatabaseOf, now: NowOf) -> Response:
    """The issue, what its latest finding said, and its story."""
    with database.reading() as session:
        found = find_issues(session, now=now, issue_id=issue_id)
        if not found:
            raise HTTPException(404, f"there is no issue {issue_id}")
        told = {"evidence": issue_evidence(session, issue_id), "events": issue_events(session, issue_id)}
        return json_response(msgspec.structs.asdict(found[0]) | told)


@router.get("/{issue_id}/events")
def list_events(issue_id: int, database: DatabaseOf) -> Response:
    with database.reading() as session:
        return json_response(issue_events(session, issue_id))


@router.post("/{issue_id}/mute")
def mute(issue_id: int, wish: Mute, database: DatabaseOf, now: NowOf) -> Response:
    until: datetime | None = wish.until
    if until is not None and until <= now:
        raise HTTPException(422, f"until: expected a time to come, found {until.isoformat()}")
    with database.writing() as session:
        known = find_issues(session, now=now, issue_id=issue_id)
        if known and until is None and known[0].muted_until is None:
            raise HTTPException(422, f"issue {issue_id} is not muted")
        if not mute_issue(session, issue_id, until=until, actor=wish.actor, now=now):
            raise HTTPException(404, f"there is no issue {issue_id}")
        session.flush()
        found = find_issues(session, now=now, issue_id=issue_id)
    return json_response(found[0])
