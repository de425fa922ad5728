"""Which of dbt's files are meant: the named ones, or those of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from qalita_ingest.dbt_command import Left
    from qalita_ingest.pipeline import DbtFiles


@dataclass(frozen=True)
class Named:
    """The files that were named on the command line."""

    manifest: Path | None = None
    results: tuple[Path, ...] = ()
    sources: Path | None = None
    catalog: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.manifest or self.results or self.sources or self.catalog)

    def files(self) -> DbtFiles:
        """These and no others. Raises `SettingsError` where they are not enough."""
        from qalita_ingest.pipeline import DbtFiles  # noqa: PLC0415 (not before it is needed: --help)

        if self.manifest is None:
            raise SettingsError("give --manifest too, or --target-path the folder that holds all of dbt's files")
        if not self.results and not self.sources:
            raise SettingsError("give --results or --sources: without either there is nothing to take")
        return DbtFiles(self.manifest, self.results, self.sources, self.catalog)

    def files_or_those_in(self, folder: Path) -> DbtFiles:
        """What is not named is taken from the folder, under the names that dbt gives.

        Copies under other names are of other runs. Raises `ArtifactError` where there are no results.
        """
        from qalita_ingest.pipeline import DbtFiles  # noqa: PLC0415 (not before it is needed: --help)

        return DbtFiles.in_folder(
            folder, manifest=self.manifest, results=self.results, sources=self.sources, catalog=self.catalog
        )


def files_left(left: Left) -> DbtFiles:
    from qalita_ingest.pipeline import DbtFiles  # noqa: PLC0415 (not before it is needed: --help)

    return DbtFiles(left.manifest, [left.results] if left.results else [], left.sources, left.catalog)
