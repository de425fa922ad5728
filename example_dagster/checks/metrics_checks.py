"""Dagster's own check of what dbt built: nothing that dbt's tests would say already."""

import json

import dagster as dg
import duckdb

from assets.opendata_dbt import BUILDS, DATABASE, METRICS
from assets.run_files import RunFiles, local_copy

UNIQUE_ID = "model.opendata.airquality_metrics"


@dg.asset_check(asset=METRICS)
def columns_are_documented(context: dg.AssetCheckExecutionContext, run_files: RunFiles) -> dg.AssetCheckResult:
    """Column schema: the table has the columns that the dbt project describes, no more, no less."""
    build = run_files.find(context, BUILDS, METRICS)
    with local_copy(build, "manifest.json", DATABASE) as folder:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        with duckdb.connect(str(folder / DATABASE), read_only=True) as database:
            found = set(database.table(METRICS.to_user_string()).columns)
    documented = set(manifest["nodes"][UNIQUE_ID]["columns"])
    return dg.AssetCheckResult(
        passed=found == documented,
        metadata={
            "not_documented": ", ".join(sorted(found - documented)),
            "not_in_the_table": ", ".join(sorted(documented - found)),
            "qalita/dimension": "schema",
        },
    )
