"""The quality gate: between the metrics of a month and whoever reads them."""

import dagster as dg

from assets.opendata_dbt import BUILD_RESULTS, BUILDS, METRICS, TEST_RESULTS
from assets.run_files import RunFiles, local_copy
from checks.qalita_gate import Outcome, QualityGate, ask_qalita, links
from checks.verdict import reasons_to_stop
from qalita_ingest import DbtFiles, InputError


@dg.asset_check(asset=METRICS, blocking=True)
def quality_gate(context: dg.AssetCheckExecutionContext, run_files: RunFiles, gate: QualityGate) -> dg.AssetCheckResult:
    """Sends this month's dbt results to QALITA and lets the data go on when score and open issues allow it.

    Stopped? Mend the data and run the month again; or decide in QALITA that the issue may wait (mute it), and run
    this check and what is downstream again.
    """
    kept = run_files.find(context, BUILDS, METRICS)
    with local_copy(kept, "manifest.json", BUILD_RESULTS, TEST_RESULTS) as folder:
        files = DbtFiles(folder / "manifest.json", [folder / BUILD_RESULTS, folder / TEST_RESULTS])
        try:
            outcome = ask_qalita(files, gate.labels(context.run.run_id))
        except InputError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
    if outcome.trouble:
        context.log.warning(outcome.trouble)
    return result_of(outcome, gate)


def result_of(outcome: Outcome, gate: QualityGate) -> dg.AssetCheckResult:
    reasons = reasons_to_stop(outcome.judged, gate.minimum_score, findings_stop=gate.issues_stop)
    if outcome.trouble and gate.stops_without_qalita:
        reasons.append("QALITA could not be asked")
    score = outcome.judged.score
    return dg.AssetCheckResult(
        passed=not reasons,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"Stopped: {'; '.join(reasons)}" if reasons else "The data may go on.",
        metadata={
            **({"qalita/score": _percent(score)} if score is not None else {}),
            "qalita/minimum_score": _percent(gate.minimum_score),
            "qalita/judged_by": "the run's own results" if outcome.trouble else "QALITA",
            "qalita/high_findings": len(outcome.judged.findings),
            **links(outcome),
        },
    )


def _percent(share: float) -> float:
    return round(share * 100, 1)
