"""How the data is cut: one partition per calendar month, and in a backfill one run for each."""

import warnings

import dagster as dg

__all__ = ["months", "one_run_each"]

# Open at the end: each month that is over adds a partition. The first one is the first month of the open data.
months = dg.MonthlyPartitionsDefinition(start_date="2016-03-01")
# dbt_assets would take all months in one run, and Dagster warns of a job whose assets differ: so all of them say it.
one_run_each = dg.BackfillPolicy.multi_run()
# The other warning is of the word itself, which @asset still calls beta; the version of Dagster is pinned.
warnings.filterwarnings("ignore", message="(?s).*`backfill_policy`", category=dg.BetaWarning)
