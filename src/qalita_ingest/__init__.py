"""Brings dbt data-quality results into QALITA.

Reading, mapping and sending, from a notebook or a program (docs/library.md):

    files = DbtFiles.in_folder("target")
    report, summary = prepare_dbt(files, RunLabels(project="opendata_dbt", environment="dev"))
    delivery = send(report)
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from qalita_ingest.errors import (
    ArtifactError,
    GateReachedError,
    InputError,
    KeptInOutboxError,
    MixedFilesError,
    QalitaIngestError,
    RejectedError,
    SettingsError,
    StoreError,
)

if TYPE_CHECKING:
    from qalita_ingest.cli.vendor import find_vendor_client
    from qalita_ingest.connection import send
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.delivery import Delivery, Endpoint, find_endpoint
    from qalita_ingest.delivery.platform_files import platform_files
    from qalita_ingest.formats import render
    from qalita_ingest.mapping import RunLabels, Summary
    from qalita_ingest.pipeline import DbtFiles, prepare_dbt

__version__ = version("qalita-ingest")

__all__ = [
    "ArtifactError",
    "DbtFiles",
    "Delivery",
    "Endpoint",
    "GateReachedError",
    "IngestAnswer",
    "InputError",
    "KeptInOutboxError",
    "MixedFilesError",
    "QalitaIngestError",
    "RejectedError",
    "RunLabels",
    "RunReport",
    "SettingsError",
    "StoreError",
    "Summary",
    "__version__",
    "find_endpoint",
    "find_vendor_client",
    "platform_files",
    "prepare_dbt",
    "render",
    "send",
]

# Imported when they are asked for: `qalita --help` needs none of them, and some take their time.
_HOMES = {
    "DbtFiles": "pipeline",
    "Delivery": "delivery",
    "Endpoint": "delivery",
    "IngestAnswer": "contract",
    "RunLabels": "mapping",
    "RunReport": "contract",
    "Summary": "mapping",
    "find_endpoint": "delivery",
    "find_vendor_client": "cli.vendor",
    "platform_files": "delivery.platform_files",
    "prepare_dbt": "pipeline",
    "render": "formats",
    "send": "connection",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
