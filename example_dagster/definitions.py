"""All that Dagster loads: `dagster dev -f definitions.py`, in this folder."""

import dagster as dg

from assets import RunFiles, all_assets, dbt_resource
from checks import QualityGate, all_checks
from jobs import example_qalita_job
from resources import QalitaResource
from schedules import airquality_job, airquality_schedule
from sensors import qalita_check_sensor, qalita_run_sensor

defs = dg.Definitions(
    assets=all_assets,
    asset_checks=all_checks,
    jobs=[airquality_job, example_qalita_job],
    schedules=[airquality_schedule],
    sensors=[qalita_check_sensor, qalita_run_sensor],
    resources={
        "dbt": dbt_resource(),
        "gate": QualityGate(),
        "qalita": QalitaResource(),
        "run_files": RunFiles(),
    },
)
