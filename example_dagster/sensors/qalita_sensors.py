"""Sensors that deliver to QALITA what ended since their last tick. Dagster's daemon runs them: `dagster dev` starts it.

What QALITA can't take just now waits in the outbox, and the cursor goes on: no run is lost. The hooks may have
delivered a run before: it is the same run, and counts once.
"""

import dagster as dg

from qalita_ingest import Reported, report_check_evaluations, report_ended_runs


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def qalita_run_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Every run of this code location that ended, well or not."""
    cursor, reported = report_ended_runs(context.instance, context.cursor, location=_location(context), log=context.log)
    return _result(cursor, reported)


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def qalita_check_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Runs that evaluated asset checks, and checks that were reported from outside of Dagster."""
    cursor, reported = report_check_evaluations(
        context.instance, context.cursor, location=_location(context), log=context.log
    )
    return _result(cursor, reported)


def _location(context: dg.SensorEvaluationContext) -> str | None:
    return context.code_location_origin.location_name if context.code_location_origin else None


def _result(cursor: str, reported: list[Reported]) -> dg.SensorResult:
    """A sensor that starts no run says why: the line shows up with its tick."""
    words = "; ".join(map(str, reported)) or "nothing ended since the last tick"
    return dg.SensorResult(skip_reason=dg.SkipReason(words), cursor=cursor)
