"""Every error a user can meet, and the exit code it ends with.

    QalitaIngestError
    ├── InputError            bad input: one line, nothing written      exit 2
    │   ├── ArtifactError     a dbt file is missing, broken or foreign
    │   ├── MixedFilesError   the results speak of nodes the manifest lacks
    │   └── SettingsError     flags or environment variables contradict each other
    ├── KeptInOutboxError     QALITA could not be reached: kept, sent next time   exit 3
    ├── RejectedError         QALITA answered that it will not take the run       exit 4
    ├── StoreError            the sandbox's store can't be used                   exit 2
    ├── MissingPartError      an optional part is not installed                   exit 2
    └── GateReachedError      the run was taken in, and `--fail-on` is reached    exit 5

A message says what happened and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class QalitaIngestError(Exception):
    exit_code: ClassVar[int] = 2


class InputError(QalitaIngestError):
    exit_code = 2


class ArtifactError(InputError):
    pass


class MixedFilesError(InputError):
    pass


class SettingsError(InputError):
    pass


class KeptInOutboxError(QalitaIngestError):
    exit_code = 3


class RejectedError(QalitaIngestError):
    exit_code = 4


class StoreError(QalitaIngestError):
    exit_code = 2


class MissingPartError(QalitaIngestError):
    exit_code = 2


class GateReachedError(QalitaIngestError):
    exit_code = 5
