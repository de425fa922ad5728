"""What a message says: values in, values out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from qalita_ingest.contract import IssueChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qalita_ingest.contract import IngestAnswer

IssueEvent = Literal["issue.opened", "issue.reopened", "issue.resolved"]
ISSUE_EVENTS: tuple[IssueEvent, ...] = ("issue.opened", "issue.reopened", "issue.resolved")
SCORE_BELOW = "score.below"
PING = "ping"


class Place(msgspec.Struct, frozen=True):
    """Where it happened. `finished_at` is the end of the run, which is when all that it tells of was so."""

    project: str
    environment: str
    run: int
    finished_at: datetime


class IssueData(msgspec.Struct, frozen=True, kw_only=True):
    project: str
    environment: str
    run: int
    issue: IssueChange


class ScoreData(msgspec.Struct, frozen=True, kw_only=True):
    """`previous_score` is None where no run had one before."""

    project: str
    environment: str
    run: int
    score: float
    threshold: float
    previous_score: float | None


class PingData(msgspec.Struct, frozen=True):
    project: str


class Message(msgspec.Struct, frozen=True):
    """`timestamp` is when it happened; when it is sent stands in a header."""

    type: str
    timestamp: datetime
    data: IssueData | ScoreData | PingData

    @property
    def body(self) -> bytes:
        return msgspec.json.encode(self)


def issue_messages(answer: IngestAnswer, place: Place) -> Iterator[Message]:
    """In the order in which they are told: what is worse now comes first."""
    changes = (answer.opened, answer.reopened, answer.resolved)
    for event, changed in zip(ISSUE_EVENTS, changes, strict=True):
        for issue in changed:
            data = IssueData(project=place.project, environment=place.environment, run=place.run, issue=issue)
            yield Message(event, place.finished_at, data)


def score_message(place: Place, *, score: float, threshold: float, previous: float | None) -> Message:
    data = ScoreData(
        project=place.project,
        environment=place.environment,
        run=place.run,
        score=score,
        threshold=threshold,
        previous_score=previous,
    )
    return Message(SCORE_BELOW, place.finished_at, data)


def ping_message(project: str, now: datetime) -> Message:
    return Message(PING, now, PingData(project))
