"""Identity: what makes two deliveries the same one. Nothing here depends on the clock."""

from __future__ import annotations

import hashlib
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.contract.entities import RunReport

_canonical = msgspec.json.Encoder(order="sorted")


def sha256_of(value: object) -> str:
    """SHA-256 (hex) of the canonical JSON of the value: sorted keys, no blanks."""
    return hashlib.sha256(_canonical.encode(value)).hexdigest()


def run_id_of(invocation_ids: Iterable[str]) -> str:
    """The one invocation id, or the hash of the sorted ids where several were merged."""
    distinct = sorted(set(invocation_ids))
    return distinct[0] if len(distinct) == 1 else sha256_of(distinct)


def idempotency_key(report: RunReport) -> str:
    """SHA-256 (hex) of the canonical JSON [kind, project, environment, git_sha, run_id]."""
    context = report.context
    return sha256_of([report.kind, report.project, report.environment, context.git_sha, context.run_id])


# Raise it when a run's digest changes without its content having changed: a field was added, a rule mended.
DIGEST_VERSION = 3


def body_digest(report: RunReport) -> str:
    """Digest of how it went, and of nothing that may differ when the same run is read again.

    So never of order, context, clock, tool versions or samples; nor of texts, which depend on what had to be hidden, of
    sizes, which come with a catalog, and of definitions: a dbt that fails early writes a new manifest and leaves the
    results of the run before. `<version>:<SHA-256>`: digests of two versions can't be compared.
    """
    parts = (
        (report.results, ("check", "invocation", "status", "failures")),
        (report.steps, ("key", "invocation", "kind", "status", "finding")),
    )
    digest = hashlib.sha256()
    for entities, fields in parts:
        # By the first two fields, which are keys and together distinct: None, further on, sorts with nothing. In two
        # passes, for the rows are nearly in order and no key need be made.
        rows = sorted(sorted(map(attrgetter(*fields), entities), key=itemgetter(1)), key=itemgetter(0))
        digest.update(_canonical.encode(rows))
    return f"{DIGEST_VERSION}:{digest.hexdigest()}"


def are_comparable(digest: str, other: str) -> bool:
    """Whether two digests were made by the same rules; only then do different digests mean different content."""
    return ":" in digest and digest.partition(":")[0] == other.partition(":")[0]
