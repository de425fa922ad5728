"""What a server answers to a run."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from qalita_ingest.contract.entities import Entity


class IssueChange(Entity, frozen=True):
    id: int
    title: str
    severity: Literal["high", "medium"]
    dataset: str | None = None


class RunScore(Entity, frozen=True):
    """Score 0–1 of one thing in one run; `checks` is how many counted, `excluded` how many had no outcome."""

    perimeter: Literal["project", "dimension", "dataset"]
    key: str
    value: float
    checks: int
    excluded: int = 0


class IngestAnswer(Entity, frozen=True, omit_defaults=False):
    """`delivered_at` is when the rows first arrived; `new_results` + `known_results` is what the report held.

    `open_issues` is None where QALITA does not tell of issues: nothing is known of the changes either.
    """

    outcome: Literal["accepted", "already_delivered"]
    run: int
    delivered_at: datetime
    new_results: int
    known_results: int
    scores: tuple[RunScore, ...] = ()
    opened: tuple[IssueChange, ...] = ()
    reopened: tuple[IssueChange, ...] = ()
    resolved: tuple[IssueChange, ...] = ()
    open_issues: int | None = 0
