"""All that Dagster loads: `dagster dev -f definitions.py`, in this folder."""

import dagster as dg

from assets.dbt_project import dbt_resource
from jobs import example_qalita_job
from resources import QalitaResource

defs = dg.Definitions(
    jobs=[example_qalita_job],
    resources={"dbt": dbt_resource(), "qalita": QalitaResource()},
)
