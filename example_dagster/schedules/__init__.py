"""When the assets are made."""

from schedules.monthly import airquality_job, airquality_schedule

__all__ = ["airquality_job", "airquality_schedule"]
