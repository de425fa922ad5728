"""The data: a month of the open data, what dbt makes of it, and the report that people read."""

from assets.airquality_report import airquality_report
from assets.dbt_project import dbt_resource
from assets.opendata_dbt import opendata_dbt
from assets.raw_airquality import raw_airquality
from assets.run_files import RunFiles

__all__ = ["RunFiles", "all_assets", "dbt_resource"]

all_assets = [airquality_report, opendata_dbt, raw_airquality]
