"""What people read at the end of a month. It exists for good months only: the quality gate is in front of it."""

import dagster as dg
import duckdb

from assets.opendata_dbt import BUILDS, DATABASE, METRICS
from assets.run_files import RunFiles, local_copy
from partitions import months, one_run_each

REPORTS, REPORT_NAME = "reports", "airquality_report.parquet"
REPORT = "select * exclude (metric_id) from airquality_metrics order by city, parameter, unit"


@dg.asset(
    deps=[METRICS],
    partitions_def=months,
    backfill_policy=one_run_each,
    group_name="opendata",
    kinds={"duckdb", "parquet"},
)
def airquality_report(context: dg.AssetExecutionContext, run_files: RunFiles) -> dg.MaterializeResult[None]:
    """The key figures of one month. One row per city, pollutant and unit."""
    build = run_files.find(context, BUILDS, METRICS)
    with local_copy(build, DATABASE) as folder:
        with duckdb.connect(str(folder / DATABASE), read_only=True) as database:
            table = database.sql(REPORT)
            table.write_parquet(str(folder / REPORT_NAME))
            rows, preview = len(table), _markdown(table)
        kept = run_files.keep(context, REPORTS, {REPORT_NAME: folder / REPORT_NAME})
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": rows,
            "preview": dg.MetadataValue.md(preview),
            "path": dg.MetadataValue.path(str(kept / REPORT_NAME)),
        }
    )


def _markdown(table: duckdb.DuckDBPyRelation, rows: int = 10) -> str:
    lines = [table.columns, ["---"] * len(table.columns), *table.limit(rows).fetchall()]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
