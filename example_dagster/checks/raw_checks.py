"""Dagster's own checks of the raw month, before dbt sees it: volume, columns, and how far it reaches."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
from upath import UPath

from assets.raw_airquality import CSV_NAME, RAW, raw_airquality
from assets.run_files import RunFiles

# What `dbt seed` loads by position: another order would put values into the wrong columns.
COLUMNS = ("city", "country", "location", "parameter", "value", "unit", "date_utc")
# A source may be late by a day; a month that ends earlier was cut off.
LATEST_END = timedelta(days=1)


@dg.asset_check(asset=raw_airquality, blocking=True)
def month_has_rows(context: dg.AssetCheckExecutionContext, run_files: RunFiles) -> dg.AssetCheckResult:
    """Row count: an empty month would make empty tables, of which most tests approve."""
    rows = sum(1 for _ in _rows(_file(context, run_files)))
    return dg.AssetCheckResult(passed=rows > 0, metadata={"rows": rows, "qalita/dimension": "completeness"})


@dg.asset_check(asset=raw_airquality, blocking=True)
def columns_are_the_seeds(context: dg.AssetCheckExecutionContext, run_files: RunFiles) -> dg.AssetCheckResult:
    """Column schema: the seed's columns, in the seed's order."""
    with _file(context, run_files).open(encoding="utf-8", newline="") as file:
        found = next(csv.reader(file), [])
    return dg.AssetCheckResult(
        passed=tuple(found) == COLUMNS,
        metadata={"expected": ", ".join(COLUMNS), "found": ", ".join(found), "qalita/dimension": "schema"},
    )


@dg.asset_check(asset=raw_airquality)
def reaches_the_end_of_the_month(context: dg.AssetCheckExecutionContext, run_files: RunFiles) -> dg.AssetCheckResult:
    """Freshness of the content: the newest measurement is from the last day of the month."""
    newest = max((row["date_utc"] for row in _rows(_file(context, run_files))), default="")
    end = context.partition_time_window.end
    is_complete = bool(newest) and _moment(newest) >= end - LATEST_END
    return dg.AssetCheckResult(
        passed=is_complete,
        # Sources publish parts of months, too: somebody should know, and nothing has to stop.
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"newest_measurement": newest, "month_ends": end.isoformat(), "qalita/dimension": "timeliness"},
    )


def _file(context: dg.AssetCheckExecutionContext, run_files: RunFiles) -> UPath:
    return run_files.find(context, RAW, raw_airquality.key) / CSV_NAME


def _rows(path: UPath) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
