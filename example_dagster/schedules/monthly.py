"""The month that is over, on the second day of the next one."""

import dagster as dg

airquality_job = dg.define_asset_job(
    "airquality_job",
    selection=dg.AssetSelection.groups("opendata"),
    description="One month from the open data to the report, with every check on the way.",
    # Where QALITA_PROJECT and QALITA_ENV are not set: the same as dbt's own runs, so that a test counts once.
    tags={"qalita/project": "opendata_dbt", "qalita/environment": "dev"},
)

# Stopped, until somebody starts it in the UI: the open data of the example ends in 2017.
airquality_schedule = dg.build_schedule_from_partitioned_job(
    airquality_job,
    name="airquality_schedule",
    day_of_month=2,
    hour_of_day=6,
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
