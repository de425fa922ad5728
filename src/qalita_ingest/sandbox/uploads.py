"""Runs that come in parts: kept in the store until the run is whole, and seen by nobody before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select

from qalita_ingest.sandbox.database.model import Run, UploadPart

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

ABANDONED_AFTER = timedelta(days=7)


def keep_part(session: Session, key: str, number: int, content: bytes, now: datetime) -> None:
    """The same number again replaces. With the first part of a run, what others abandoned is removed."""
    if not _count(session, key):
        forget_abandoned(session, now)
    session.execute(delete(UploadPart).where(UploadPart.idempotency_key == key, UploadPart.number == number))
    session.add(UploadPart(idempotency_key=key, number=number, content=content, received_at=now))


def _count(session: Session, key: str) -> int:
    return session.scalar(select(func.count(UploadPart.id)).where(UploadPart.idempotency_key == key)) or 0


def missing_parts(session: Session, key: str, count: int) -> list[int]:
    """Of the numbers 1 to `count`, those that did not arrive."""
    arrived = set(session.scalars(select(UploadPart.number).where(UploadPart.idempotency_key == key)))
    return [number for number in range(1, count + 1) if number not in arrived]


def size_of_parts(session: Session, key: str, count: int) -> int:
    query = select(func.sum(func.length(UploadPart.content))).where(
        UploadPart.idempotency_key == key, UploadPart.number <= count
    )
    return session.scalar(query) or 0


def join_parts(session: Session, key: str, count: int) -> bytes:
    """Parts beyond `count` are of an earlier attempt that was cut otherwise."""
    query = (
        select(UploadPart.content)
        .where(UploadPart.idempotency_key == key, UploadPart.number <= count)
        .order_by(UploadPart.number)
    )
    return b"".join(session.scalars(query))


_FORGET = delete(UploadPart).where(UploadPart.idempotency_key.in_(bindparam("keys", expanding=True)))


def forget_parts(session: Session, keys: Collection[str]) -> None:
    session.connection().execute(_FORGET, {"keys": keys})


def has_abandoned(session: Session, now: datetime) -> bool:
    """Whether there are parts whose run did not become whole in `ABANDONED_AFTER`."""
    return session.scalar(select(UploadPart.id).where(_is_abandoned(now)).limit(1)) is not None


def forget_abandoned(session: Session, now: datetime) -> None:
    """Their run is not lost: who sent them keeps it until it was answered."""
    session.execute(delete(UploadPart).where(_is_abandoned(now)))


def _is_abandoned(now: datetime) -> ColumnElement[bool]:
    return UploadPart.received_at < now - ABANDONED_AFTER


def first_answer(session: Session, key: str) -> dict[str, Any] | None:
    """What was answered when the run of this key was taken; None where there is none."""
    return session.scalar(select(Run.answer).where(Run.idempotency_key == key))
