"""read → map → key → store → send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from qalita_ingest.delivery import Outbox, send
from qalita_ingest.errors import KeptInOutboxError, RejectedError
from qalita_ingest.mapping import DbtArtifacts, RunLabels, Summary, map_dbt, summarise
from qalita_ingest.readers.dbt import read_manifest, read_run_results, read_sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import httpx2

    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.delivery import Entry


@dataclass(frozen=True)
class DbtFiles:
    """The artifacts of one ingest: one manifest, and the results of one command or more."""

    manifest: Path
    results: Sequence[Path]
    sources: Path | None = None


@dataclass(frozen=True)
class Delivery:
    """`flushed`: runs from earlier that went along. `left`: reasons why others did not."""

    answer: IngestAnswer
    flushed: int = 0
    left: list[str] = field(default_factory=list)


def prepare_dbt(files: DbtFiles, labels: RunLabels, *, allow_mixed: bool = False) -> tuple[RunReport, Summary]:
    """Read and map; nothing is written. Raises `InputError`."""
    artifacts = DbtArtifacts(
        manifest=read_manifest(files.manifest),
        run_results=[read_run_results(path) for path in files.results],
        sources=read_sources(files.sources) if files.sources else None,
    )
    mapped = map_dbt(artifacts, labels, allow_mixed=allow_mixed)
    return mapped.report, summarise(mapped, freshness_given=files.sources is not None)


def deliver(report: RunReport, outbox: Outbox, client: httpx2.Client) -> Delivery:
    """Keep the run, send what was kept before, then this one.

    Raises `KeptInOutboxError` when QALITA can't be reached, `RejectedError` when it will not take this run.
    """
    kept_at = datetime.now(UTC)
    mine = outbox.keep(report)
    flushed, left = 0, []
    for entry in outbox.pending():
        if entry.path == mine.path:
            continue
        try:
            _send_and_forget(outbox, client, entry)
            flushed += 1
        except RejectedError as error:
            left.append(str(error))
        except KeptInOutboxError as error:
            # The others wait; this run is tried all the same, or one bad run would hold up all that follow.
            left.append(str(error))
            break
    return Delivery(_since(kept_at, _send_and_forget(outbox, client, mine)), flushed, left)


def _since(kept_at: datetime, answer: IngestAnswer) -> IngestAnswer:
    """A run that arrived after it was kept is new, even if another process, or an attempt without answer, sent it."""
    is_new = answer.outcome == "accepted" or answer.delivered_at >= kept_at
    return msgspec.structs.replace(answer, outcome="accepted") if is_new else answer


def _send_and_forget(outbox: Outbox, client: httpx2.Client, entry: Entry) -> IngestAnswer:
    try:
        answer = send(client, entry)
    except RejectedError as error:
        kept = outbox.park(entry, str(error))
        raise RejectedError(f"{error}; the run is in {kept}: mend the cause, then move it to pending/") from None
    except KeptInOutboxError as error:
        raise KeptInOutboxError(f"{error} ({entry.path})") from None
    outbox.delivered(entry)
    return answer
