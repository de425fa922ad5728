"""Hooks that deliver a run to QALITA when its last step ends. Give both to a job: its last step may fail."""

import dagster as dg

from qalita_ingest import report_last_step


@dg.success_hook
def qalita_on_success(context: dg.HookContext) -> None:
    report_last_step(context.instance, context.run_id, log=context.log)


@dg.failure_hook
def qalita_on_failure(context: dg.HookContext) -> None:
    report_last_step(context.instance, context.run_id, log=context.log)
