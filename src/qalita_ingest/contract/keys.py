"""Identity: what makes two deliveries the same one. Nothing here depends on the clock."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.contract.entities import RunReport

_canonical = msgspec.json.Encoder(order="sorted")
# Fields in the order of their definition, which is fixed; only dictionaries need sorting.
_repeatable = msgspec.json.Encoder(order="deterministic")


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
DIGEST_VERSION = 2


def body_digest(report: RunReport) -> str:
    """Digest of definitions and outcomes; never of their order, nor of context, clock, tool versions or samples.

    `<version>:<SHA-256>`: digests of two versions can't be compared.
    """
    results = (msgspec.structs.replace(one, sample=None) if one.sample else one for one in report.results)
    parts: tuple[Any, ...] = (
        sorted(report.datasets, key=lambda one: one.key),
        sorted(report.exposures, key=lambda one: one.key),
        sorted(report.checks, key=lambda one: one.key),
        sorted(results, key=lambda one: (one.check, one.invocation)),
        sorted(report.steps, key=lambda one: (one.key, one.invocation)),
        sorted(report.metrics, key=lambda one: (one.invocation, one.scope.value, one.key)),
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_repeatable.encode(part))
    return f"{DIGEST_VERSION}:{digest.hexdigest()}"


def are_comparable(digest: str, other: str) -> bool:
    """Whether two digests were made by the same rules; only then do different digests mean different content."""
    return ":" in digest and digest.partition(":")[0] == other.partition(":")[0]
