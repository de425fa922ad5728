"""Brings dbt data-quality results into QALITA."""

from importlib.metadata import version

from qalita_ingest.errors import (
    ArtifactError,
    InputError,
    KeptInOutboxError,
    MixedFilesError,
    QalitaIngestError,
    RejectedError,
    SettingsError,
    StoreError,
)

__version__ = version("qalita-ingest")

__all__ = [
    "ArtifactError",
    "InputError",
    "KeptInOutboxError",
    "MixedFilesError",
    "QalitaIngestError",
    "RejectedError",
    "SettingsError",
    "StoreError",
    "__version__",
]
