"""What the quality gate asks, and where: this dbt build goes into QALITA, and QALITA's answer is judged."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from checks.verdict import Finding, Judged
from qalita_ingest import (
    DbtFiles,
    IngestAnswer,
    InputError,
    QalitaIngestError,
    RunLabels,
    RunReport,
    find_endpoint,
    prepare_dbt,
    send,
)
from qalita_ingest.contract import score_report

FAILED = frozenset({"failed", "error"})
TIMEOUT_SECONDS = 60


class QualityGate(dg.ConfigurableResource):  # type: ignore[type-arg] # no other class has a type parameter here
    """Endpoint and token come from QALITA's variables, never from here: configuration is shown in the UI."""

    project: str | None = Field(default=None, description="Default: QALITA_PROJECT, else opendata_dbt.")
    environment: str | None = Field(default=None, description="Default: QALITA_ENV, else dev.")
    minimum_score: float = Field(
        default=0.9, ge=0, le=1, description="The data goes on from this score of the run on, 0 to 1."
    )
    issues_stop: bool = Field(
        default=True,
        description="Whether a failed check or step stops the data, unless its issue in QALITA is muted.",
    )
    stops_without_qalita: bool = Field(
        default=False,
        description=(
            "Whether the data stops when QALITA can't be asked. If not, the run's own results are judged by the same "
            "formula, and the run is kept and delivered with a later one."
        ),
    )

    def labels(self, job_id: str) -> RunLabels:
        return RunLabels(
            project=self.project or os.environ.get("QALITA_PROJECT") or "opendata_dbt",
            environment=self.environment or os.environ.get("QALITA_ENV") or "dev",
            job_id=job_id,
        )


@dataclass(frozen=True)
class Outcome:
    """`answer` is None where QALITA could not be asked; `trouble` then says why, and where the run is kept."""

    judged: Judged
    answer: IngestAnswer | None
    trouble: str | None = None


def ask_qalita(files: DbtFiles, labels: RunLabels) -> Outcome:
    """Raises `InputError` when files or settings are wrong: that is for somebody to mend, not for QALITA's absence."""
    report, _ = prepare_dbt(files, labels)
    own = own_findings(report)
    try:
        answer = send(report).answer
        # A platform that does not tell of issues leaves the run's own findings to be judged.
        known = issues_of(labels) if own and answer.open_issues is not None else []
        return Outcome(Judged(score_of(report, answer), not_muted(own, known)), answer)
    except InputError:
        raise
    except QalitaIngestError as error:
        return Outcome(Judged(score_of(report), list(own.values())), None, str(error))


def score_of(report: RunReport, answer: IngestAnswer | None = None) -> float | None:
    scores = (answer and answer.scores) or score_report(report)
    return next((one.value for one in scores if one.perimeter == "project"), None)


def own_findings(report: RunReport) -> dict[str, Finding]:
    """By the check or step: what opens an issue of high severity."""
    names = {one.key: one.name for one in report.checks}
    failed = {one.check: Finding(names[one.check]) for one in report.results if one.status in FAILED}
    return failed | {one.key: Finding(one.name) for one in report.steps if one.finding == "high"}


def not_muted(own: dict[str, Finding], issues: list[dict[str, Any]]) -> list[Finding]:
    """The run's findings, with the numbers of their issues, but for those that somebody decided to live with.

    Of this run, whatever the issue's status is by now: another month that was good has closed it, and mended nothing
    here. Somebody may mute it all the same.
    """
    known = {issue["subject"]: issue for issue in issues if issue["severity"] == "high"}
    open_here = {key: finding for key, finding in own.items() if not is_muted(known.get(key, {}))}
    return [Finding(known[key]["title"], known[key]["id"]) if key in known else one for key, one in open_here.items()]


def is_muted(issue: dict[str, Any]) -> bool:
    until = str(issue.get("muted_until") or "")
    return bool(until) and datetime.fromisoformat(until) > datetime.now(UTC)


def issues_of(labels: RunLabels) -> list[dict[str, Any]]:
    """Of the environment, whatever their status. By the command line: the library has no call for it."""
    beside = Path(sys.executable).with_name("qalita-ingest")
    command = [beside if beside.exists() else "qalita-ingest", "issues", "--status", "all", "--format", "json"]
    try:
        done = subprocess.run(
            [*command, "--project", labels.project, "--env", labels.environment],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise QalitaIngestError(f"the issues could not be read in {TIMEOUT_SECONDS} seconds") from None
    if done.returncode:
        raise QalitaIngestError(f"the issues could not be read: {done.stderr.strip()}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def links(outcome: Outcome) -> dict[str, dg.MetadataValue[Any]]:
    """Where QALITA shows the run and its issues; numbers alone where it is the embedded sandbox.

    Never under `qalita/run`: `qalita ingest dagster` passes over what has it, and the gate's own result is to arrive.
    """
    if outcome.answer is None:
        return {"qalita/trouble": dg.MetadataValue.text(outcome.trouble or "")}
    endpoint = find_endpoint(None, os.environ)
    base = endpoint.url if endpoint else None
    issues = [one for one in outcome.judged.findings if one.issue is not None]
    listed = "\n".join(f"- {_link(base, 'issues', one.issue)} {one.title}" for one in issues)
    return {
        "qalita/dbt_run": dg.MetadataValue.int(outcome.answer.run),
        **({"qalita/dbt_run_url": dg.MetadataValue.url(f"{base}/runs/{outcome.answer.run}")} if base else {}),
        **({"qalita/issues": dg.MetadataValue.md(listed)} if issues else {}),
    }


def _link(base: str | None, kind: str, number: int | None) -> str:
    return f"[#{number}]({base}/{kind}/{number})" if base else f"#{number}"
