"""How the data is cut: one partition per calendar month."""

import dagster as dg

__all__ = ["months"]

# Open at the end: each month that is over adds a partition. The first one is the first month of the open data.
months = dg.MonthlyPartitionsDefinition(start_date="2016-03-01")
