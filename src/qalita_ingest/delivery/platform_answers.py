"""What a platform without v2 ingestion says of its things: of the many fields, those that an upload needs."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec


class Reference(msgspec.Struct):
    id: int | str


class Job(msgspec.Struct):
    id: int | str
    name: str | None = None
    status: str | None = None
    end_date: str | None = None
    source_id: int | str | None = None
    source: Reference | None = None

    @property
    def ended_at(self) -> datetime | None:
        """None where the platform says none, or one that can't be read; without a zone it is UTC."""
        try:
            time = datetime.fromisoformat(self.end_date or "")
        except ValueError:
            return None
        return time if time.tzinfo else time.replace(tzinfo=UTC)

    def is_on(self, source_id: str) -> bool:
        """True also where the platform does not say."""
        named = self.source.id if self.source else self.source_id
        return named is None or str(named) == source_id


class Version(msgspec.Struct):
    id: int | str
    sem_ver_id: str = ""


class Versioned(msgspec.Struct):
    """A source or a pack. Platforms dropped the versions of sources."""

    versions: tuple[Version, ...] = ()

    @property
    def newest(self) -> Version | None:
        return max(self.versions, key=lambda one: _numbers(one.sem_ver_id), default=None)


class Worker(msgspec.Struct):
    id: int | str
    name: str


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
