"""What is installed beside this library."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from qalita_ingest.contract import RunReport


def with_adapter_version(report: RunReport) -> RunReport:
    """The release of dbt's adapter, which no artifact names: of the one here, if dbt here is the one that ran."""
    context = report.context
    if context.adapter_version or not context.adapter or _release("dbt-core") != (context.tool_version or ""):
        return report
    known = msgspec.structs.replace(context, adapter_version=_release(f"dbt-{context.adapter}"))
    return msgspec.structs.replace(report, context=known)


def _release(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
