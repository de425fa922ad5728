"""Brings data-quality results of dbt and Dagster into QALITA.

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
    from qalita_ingest.dagster_reports import (
        Reported,
        report_check_evaluations,
        report_dagster_run,
        report_ended_runs,
        report_last_step,
    )
    from qalita_ingest.delivery import Delivery, Endpoint, find_endpoint
    from qalita_ingest.delivery.platform_files import platform_files
    from qalita_ingest.formats import render
    from qalita_ingest.mapping import RunLabels, Summary
    from qalita_ingest.pipeline import DbtFiles, prepare_dagster, prepare_dbt

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
    "Reported",
    "RunLabels",
    "RunReport",
    "SettingsError",
    "StoreError",
    "Summary",
    "__version__",
    "find_endpoint",
    "find_vendor_client",
    "platform_files",
    "prepare_dagster",
    "prepare_dbt",
    "render",
    "report_check_evaluations",
    "report_dagster_run",
    "report_ended_runs",
    "report_last_step",
    "send",
]

# Imported when they are asked for: `qalita --help` needs none of them, and some take their time.
_HOMES = {
    "DbtFiles": "pipeline",
    "Delivery": "delivery",
    "Endpoint": "delivery",
    "IngestAnswer": "contract",
    "Reported": "dagster_reports",
    "RunLabels": "mapping",
    "RunReport": "contract",
    "Summary": "mapping",
    "find_endpoint": "delivery",
    "find_vendor_client": "cli.vendor",
    "platform_files": "delivery.platform_files",
    "prepare_dagster": "pipeline",
    "prepare_dbt": "pipeline",
    "render": "formats",
    "report_check_evaluations": "dagster_reports",
    "report_dagster_run": "dagster_reports",
    "report_ended_runs": "dagster_reports",
    "report_last_step": "dagster_reports",
    "send": "connection",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
