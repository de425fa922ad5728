"""One month of the open data, as its sources published it."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
from pydantic import Field
from upath import UPath

from assets.dbt_project import PROJECT_FOLDER
from assets.run_files import RunFiles
from partitions import months, one_run_each

RAW, CSV_NAME = "raw_airquality", "opendata_airquality.csv"


class OpenData(dg.Config):
    csv_path: str = Field(
        default=str(PROJECT_FOLDER / "seeds" / CSV_NAME),
        description="The CSV with all months, a path or an address that fsspec knows; columns as in the dbt seed.",
    )


@dg.asset(
    partitions_def=months,
    backfill_policy=one_run_each,
    group_name="opendata",
    kinds={"csv"},
    # A month has 31 days at most; the UI shows an asset that is late (the daemon looks).
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=38), warn_window=timedelta(days=33)),
)
def raw_airquality(
    context: dg.AssetExecutionContext, config: OpenData, run_files: RunFiles
) -> dg.MaterializeResult[None]:
    """The measurements of one month, untouched: gaps, odd spellings and missing values are the sources' own."""
    month = context.partition_key[: len("2016-09")]
    with tempfile.TemporaryDirectory() as folder:
        extract = Path(folder) / CSV_NAME
        columns, rows, newest = _extract(UPath(config.csv_path), month, extract)
        kept = run_files.keep(context, RAW, {CSV_NAME: extract})
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": rows,
            "dagster/column_schema": dg.TableSchema([dg.TableColumn(name, "text") for name in columns]),
            "newest_measurement": newest,
            "path": dg.MetadataValue.path(str(kept / CSV_NAME)),
        }
    )


def _extract(source: UPath, month: str, target: Path) -> tuple[list[str], int, str]:
    """Columns, number of rows and newest `date_utc` of the month; the rows go to the target."""
    rows, newest = 0, ""
    with source.open(encoding="utf-8-sig", newline="") as file, target.open("w", encoding="utf-8", newline="") as out:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames or ())
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        for row in _of_month(reader, month):
            writer.writerow(row)
            rows, newest = rows + 1, max(newest, row["date_utc"])
    return columns, rows, newest


def _of_month(rows: Iterator[dict[str, str]], month: str) -> Iterator[dict[str, str]]:
    """By the text: both spellings of the date begin with the month."""
    return (row for row in rows if row["date_utc"].startswith(month))
