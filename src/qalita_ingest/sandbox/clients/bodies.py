"""What clients send. Fields that nobody here needs are left out, and ignored when they come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

LARGEST_ID = 2**63 - 1
LONGEST_NAME = 255
LONGEST_WORD = 40
# No database but SQLite keeps a NUL in a text.
NO_NUL = r"^[^\x00]*$"
VERSION = r"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$"


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


# Clients send the ids that stand on their command line as text.
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Name = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=LONGEST_NAME)]
Word = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=LONGEST_WORD)]
Text = Annotated[str, StringConstraints(pattern=NO_NUL)]
Version = Annotated[str, StringConstraints(pattern=VERSION)]
# `YYYY-MM-DD HH:MM:SS` without a zone is UTC.
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Status = Literal["pending", "running", "succeeded", "failed"]


class SourceChange(BaseModel):
    description: Text | None = None
    visibility: Word = "private"
    sensitive: bool = False
    reference: bool = False


class NewSource(SourceChange):
    name: Name
    type: Word


class PackChange(BaseModel):
    """`config` is the text of pack_conf.json, `readme` and `avatar` are base64."""

    type: Word | None = None
    description: Text | None = None
    url: Text | None = None
    visibility: Word | None = None
    config: Text | None = None
    readme: Text | None = None
    avatar: Text | None = None
    compatible_sources: list[Any] | None = None


class NewPack(PackChange):
    name: Name


class WorkerChange(BaseModel):
    mode: Word | None = None
    status: Word = "online"
    is_active: bool = True


class NewWorker(WorkerChange):
    name: Name


class JobChange(BaseModel):
    """Until 2.11 a client calls its worker `agent_id`."""

    name: Name | None = None
    agent_id: Id | None = None
    worker_id: Id | None = None
    source_version_id: int | Name | None = None
    target_id: Id | None = None
    pack_version_id: Id | None = None
    pack_config_override: Text | dict[str, Any] | None = None
    start_date: Moment | None = None
    end_date: Moment | None = None
    status: Status | None = None
    logs_id: Id | None = None
    error_message: Text | None = None

    @property
    def worker(self) -> int | None:
        return self.worker_id or self.agent_id

    @property
    def is_claim(self) -> bool:
        """A worker that only says who it is wants a free job for itself."""
        return self.worker is not None and self.model_fields_set <= {"agent_id", "worker_id"}


class NewJob(JobChange):
    source_id: Id
    pack_id: Id
