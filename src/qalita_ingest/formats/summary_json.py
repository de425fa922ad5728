"""json: the summary's own fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.mapping import Summary


def write(summary: Summary, _report: RunReport, answer: IngestAnswer | None) -> bytes:
    """The summary's fields and, once delivered, `delivery`: QALITA's answer."""
    if answer is None:
        return summary.as_json()
    whole = msgspec.structs.asdict(summary) | {"delivery": answer}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)
