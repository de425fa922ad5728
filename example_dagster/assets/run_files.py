"""Where a run leaves the files that later steps read."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field
from upath import UPath

Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


class RunFiles(dg.ConfigurableResource):  # type: ignore[type-arg] # no other class has a type parameter here
    """`<base>/<folder>/<month>/<run id>/`: every run has files of its own, so two at once share none."""

    base: str | None = Field(
        default=None,
        description=(
            "A folder, or an address that fsspec knows (s3://bucket/airquality, with s3fs installed). Steps on several "
            "machines need one that all of them reach. Default: the storage folder of the Dagster instance."
        ),
    )

    def keep(self, context: Context, folder: str, files: Mapping[str, Path]) -> UPath:
        """Copy the files (name → path) to where later steps find them; says where that is."""
        kept = self._of_run(context, folder, context.run.run_id)
        kept.mkdir(parents=True, exist_ok=True)
        for name, path in files.items():
            (kept / name).write_bytes(path.read_bytes())
        return kept

    def find(self, context: Context, folder: str, *assets: dg.AssetKey) -> UPath:
        """What this run kept, else the run that materialized this partition of one of the assets last.

        So a part of the graph can be run again on its own. Raises `dg.Failure` where nobody kept anything.
        """
        mine = self._of_run(context, folder, context.run.run_id)
        if mine.exists():
            return mine
        found = [one for asset in assets for one in _last_made(context, asset)]
        newest = max(found, key=lambda one: one.storage_id, default=None)
        kept = self._of_run(context, folder, newest.run_id) if newest else mine
        if not kept.exists():
            names = ", ".join(asset.to_user_string() for asset in assets)
            raise dg.Failure(
                f"{names} of {context.partition_key} left no files ({kept}): materialize it first, "
                "and let all machines reach the same RunFiles.base",
                allow_retries=False,
            )
        return kept

    def _of_run(self, context: Context, folder: str, run_id: str) -> UPath:
        base = self.base or Path(context.instance.storage_directory()) / "airquality"
        kept: UPath = UPath(base) / folder / context.partition_key / run_id
        return kept


def _last_made(context: Context, asset: dg.AssetKey) -> Sequence[dg.EventLogRecord]:
    """At most one: of this partition."""
    partition = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[context.partition_key])
    records: Sequence[dg.EventLogRecord] = context.instance.fetch_materializations(partition, limit=1).records
    return records


@contextmanager
def local_copy(kept: UPath, *names: str) -> Iterator[Path]:
    """A folder on this machine with these files: DuckDB and dbt's artifacts are not read from elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            (Path(folder) / name).write_bytes((kept / name).read_bytes())
        yield Path(folder)
