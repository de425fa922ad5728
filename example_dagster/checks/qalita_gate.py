"""What the quality gate asks, and where: this dbt build goes into QALITA, and QALITA's answer is judged."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from checks.verdict import Finding, Judged
from qalita_ingest import DbtFiles, IngestAnswer, InputError, QalitaIngestError, RunLabels, RunReport, prepare_dbt, send
from qalita_ingest.contract import score_report

ENDPOINTS = ("QALITA_AGENT_ENDPOINT", "QALITA_WORKER_ENDPOINT", "QALITA_API_URL")
FAILED = frozenset({"failed", "error"})
TIMEOUT_SECONDS = 60


class QualityGate(dg.ConfigurableResource):  # type: ignore[type-arg] # no other class has a type parameter here
    """Endpoint and token come from QALITA's variables, never from here: configuration is shown in the UI."""

    project: str | None = Field(None, description="Default: QALITA_PROJECT, else opendata_dbt.")
    environment: str | None = Field(None, description="Default: QALITA_ENV, else dev.")
    minimum_score: float = Field(0.9, ge=0, le=1, description="The data goes on from this score of the run on, 0 to 1.")
    high_issues_stop: bool = Field(
        default=True, description="Whether an open issue of high severity about one of the run's checks stops the data."
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
    try:
        answer = send(report).answer
        # A platform that does not tell of issues leaves the run's own findings to be judged.
        findings = own_findings(report) if answer.open_issues is None else open_findings(report, answer)
        return Outcome(Judged(score_of(report, answer), findings), answer)
    except InputError:
        raise
    except QalitaIngestError as error:
        return Outcome(Judged(score_of(report), own_findings(report)), None, str(error))


def score_of(report: RunReport, answer: IngestAnswer | None = None) -> float | None:
    scores = (answer and answer.scores) or score_report(report)
    return next((one.value for one in scores if one.perimeter == "project"), None)


def own_findings(report: RunReport) -> list[Finding]:
    """What will open an issue of high severity when the run arrives."""
    names = {one.key: one.name for one in report.checks}
    return [Finding(names[one.check]) for one in report.results if one.status in FAILED]


def open_findings(report: RunReport, answer: IngestAnswer) -> list[Finding]:
    """Issues that are open now, so not those that somebody muted; older ones too, if their check was in this run."""
    if not answer.open_issues:
        return []
    subjects = {one.check for one in report.results} | {one.key for one in report.steps}
    return [
        Finding(issue["title"], issue["id"])
        for issue in issues_of(report.project, report.environment)
        if issue["severity"] == "high" and issue["subject"] in subjects
    ]


def issues_of(project: str, environment: str) -> list[dict[str, Any]]:
    """The open ones. By the command line, whose JSON is documented (docs/cli.md): the library has no call for it."""
    beside = Path(sys.executable).with_name("qalita-ingest")
    command = [beside if beside.exists() else "qalita-ingest", "issues", "--format", "json"]
    try:
        done = subprocess.run(
            [*command, "--project", project, "--env", environment],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise QalitaIngestError(f"the open issues could not be read in {TIMEOUT_SECONDS} seconds") from None
    if done.returncode:
        raise QalitaIngestError(f"the open issues could not be read: {done.stderr.strip()}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def links(outcome: Outcome) -> dict[str, dg.MetadataValue[Any]]:
    """Where QALITA shows the run and its issues; numbers alone where it is the embedded sandbox."""
    if outcome.answer is None:
        return {"qalita/trouble": dg.MetadataValue.text(outcome.trouble or "")}
    base = next((os.environ[name].rstrip("/") for name in ENDPOINTS if os.environ.get(name)), None)
    issues = [one for one in outcome.judged.findings if one.issue is not None]
    listed = "\n".join(f"- {_link(base, 'issues', one.issue)} {one.title}" for one in issues)
    return {
        "qalita/run": dg.MetadataValue.int(outcome.answer.run),
        **({"qalita/run_url": dg.MetadataValue.url(f"{base}/runs/{outcome.answer.run}")} if base else {}),
        **({"qalita/open_high_issues": dg.MetadataValue.md(listed)} if issues else {}),
    }


def _link(base: str | None, kind: str, number: int | None) -> str:
    return f"[#{number}]({base}/{kind}/{number})" if base else f"#{number}"
