"""Where a report belongs, and the row of its run.

Statements are made once, and go past the ORM: a small run would take longer over it than over its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, select, update

from qalita_ingest.contract import body_digest, idempotency_key, sha256_of
from qalita_ingest.sandbox.database import insert_row
from qalita_ingest.sandbox.database.model import DefinitionSet, Environment, Project, Run
from qalita_ingest.sandbox.scoring import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import IngestAnswer, RunReport

_PROJECT = select(Project.id).where(Project.name == bindparam("project"))
_PLACE = (
    select(Project.id, Environment.id)
    .join(Environment, Environment.project_id == Project.id)
    .where(Project.name == bindparam("project"), Environment.name == bindparam("environment"))
)
_DEFINITION_SET = select(DefinitionSet.id).where(DefinitionSet.digest == bindparam("digest"))
_COMPLETE = update(Run).where(Run.id == bindparam("run")).values(answer=bindparam("said"), counts=bindparam("numbers"))


@dataclass(frozen=True)
class Place:
    """The project and the environment of a report."""

    project_id: int
    environment_id: int

    @classmethod
    def of(cls, session: Session, report: RunReport) -> Place:
        """Both are made where they are not there yet."""
        names = {"project": report.project, "environment": report.environment}
        if known := session.connection().execute(_PLACE, names).first():
            return cls(*known)
        project_id = session.connection().scalar(_PROJECT, names) or insert_row(
            session, Project, {"name": report.project}
        )
        environment = {"project_id": project_id, "name": report.environment}
        return cls(project_id, insert_row(session, Environment, environment))


@dataclass(frozen=True)
class NewRun:
    """A run that was just stored. `end` is its place among the observations of an issue."""

    id: int
    environment_id: int
    end: Seen

    @classmethod
    def stored(cls, session: Session, report: RunReport, place: Place, received_at: datetime) -> NewRun:
        row = {
            "environment_id": place.environment_id,
            "definition_set_id": _definition_set(session, report) if report.definitions_complete else None,
            "definitions_scope": report.definitions_scope,
            "last_invocation": report.order[1],
            "kind": report.kind,
            "received_at": received_at,
            "idempotency_key": idempotency_key(report),
            "body_digest": body_digest(report),
            "answer": {},
            **msgspec.structs.asdict(report.context),
        }
        run_id = insert_row(session, Run, row)
        end = Seen(report.context.finished_at, report.order[1], run_id, report.definitions_scope)
        return cls(run_id, place.environment_id, end)

    def complete(self, session: Session, answer: IngestAnswer, counts: Mapping[str, int]) -> None:
        """Keep what was answered, and how many results of which status came."""
        values = {"run": self.id, "said": msgspec.to_builtins(answer), "numbers": dict(sorted(counts.items()))}
        session.connection().execute(_COMPLETE, values)


def _definition_set(session: Session, report: RunReport) -> int:
    keys = report.defined_keys
    digest = sha256_of(keys)
    known = session.connection().scalar(_DEFINITION_SET, {"digest": digest})
    return known or insert_row(session, DefinitionSet, {"digest": digest, "keys": keys})
