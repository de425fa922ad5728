"""Steps of a Dagster run → steps: when one fails, somebody must act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qalita_ingest.contract import Step
from qalita_ingest.mapping.dagster.plan import PLACEHOLDER, progress_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from qalita_ingest.mapping.text import Plain
    from qalita_ingest.readers.dagster import Run, StepOutcome

    Status = Literal["success", "error", "skipped", "not_executed"]

# The step of an asset check that stops what follows: its check tells of it.
CHECK_FAILED = "DagsterAssetCheckFailedError"
# Somebody stopped the run, or its machine did: only the run's status says which.
INTERRUPTED = "DagsterExecutionInterruptedError"
STOPPED = {"CANCELING", "CANCELED"}
JOB_STATUSES = {"success": "success", "error": "failure", "not_executed": "canceled"}
STATUSES: dict[str, Status] = {"success": "success", "skipped": "skipped", "failure": "error"}


@dataclass(frozen=True)
class StepMapper:
    run: Run
    plain: Plain

    def steps(self) -> Iterator[Step]:
        """Every step that was planned or is in the log, then the job as a whole."""
        progress = progress_of(self.run)
        unfinished = progress.unfinished if progress else ()
        never_run = progress.never_run if progress else ()
        kinds = {one.key: one.kind for one in self.run.plan or ()}
        # A step that would have been multiplied was none.
        keys = {key for key in (*self.run.steps, *unfinished, *never_run) if PLACEHOLDER not in key}
        for key in sorted(keys):
            yield self._step(key, kinds.get(_planned_key(key), "op"), self.run.steps.get(key))
        if keys or self.run.status != "SUCCESS":
            yield self._job(is_cut_short=bool(unfinished))

    def _step(self, key: str, kind: str, outcome: StepOutcome | None) -> Step:
        status, tool_status, is_finding = self._judged(outcome)
        # The step of an asset is the same in every job; an op of the same name in another job is another.
        scope = f"op.{self.run.job}" if kind == "op" else "step"
        return Step(
            key=f"dagster.{scope}.{key}",
            name=key if kind != "op" else f"{self.run.job}.{key}",
            kind=kind,
            invocation=self.run.id,
            status=status,
            tool_status=tool_status,
            finding="high" if is_finding else None,
            message=self.plain(_message(outcome)) if is_finding else None,
        )

    def _judged(self, outcome: StepOutcome | None) -> tuple[Status, str | None, bool]:
        """Status, Dagster's word, and whether somebody must act."""
        if outcome is None:
            return "skipped", None, False
        if outcome.status == "started" or outcome.error_class == INTERRUPTED:
            # The run ended amid it.
            is_stopped = self.run.status in STOPPED
            return ("not_executed", "canceled", False) if is_stopped else ("error", "interrupted", True)
        has_failed = outcome.status == "failure"
        return STATUSES[outcome.status], outcome.status, has_failed and outcome.error_class != CHECK_FAILED

    def _job(self, *, is_cut_short: bool) -> Step:
        """It fails by itself where no step tells why: a resource could not be made, the process died."""
        statuses = {self._judged(one)[0] for one in self.run.steps.values()}
        is_unexplained = (is_cut_short or not statuses) and self.run.status == "FAILURE" and "error" not in statuses
        is_stopped = is_cut_short or "not_executed" in statuses or (not statuses and self.run.status in STOPPED)
        status: Status = "not_executed" if is_stopped else "success"
        if is_unexplained or "error" in statuses:
            status = "error"
        return Step(
            key=f"dagster.job.{self.run.job}",
            name=self.run.job,
            kind="job",
            invocation=self.run.id,
            status=status,
            tool_status="cut short" if is_cut_short else JOB_STATUSES[status],
            finding="high" if is_unexplained else None,
            message="the run failed before its steps could end; its log in Dagster says why"
            if is_unexplained
            else None,
        )


def _planned_key(key: str) -> str:
    """`double[a]` was planned as `double[?]`."""
    return key.rpartition("[")[0] + PLACEHOLDER if key.endswith("]") else key


def _message(outcome: StepOutcome | None) -> str | None:
    if outcome is None:
        return None
    tried = f" (attempt {outcome.attempts})" if outcome.attempts > 1 else ""
    return f"{(outcome.message or 'the step did not end').strip()}{tried}"
