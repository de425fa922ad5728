"""junit: JUnit XML as Jenkins, GitLab and the GitHub actions for it read it.

One suite for each dataset, one test case for each check with its last outcome, one more suite for models, seeds,
snapshots, functions and hooks that failed. JUnit knows no warnings: one is a passed test case whose output says so.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from qalita_ingest.contract import ResultStatus
from qalita_ingest.formats.characters import as_utf8
from qalita_ingest.formats.findings import NO_DATASET, findings_of, last_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.formats.findings import Finding
    from qalita_ingest.mapping import Summary, SummaryResult

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SUITE_OF_STEPS = "steps that failed"


def write(summary: Summary, report: RunReport, _answer: IngestAnswer | None) -> bytes:
    root = Element("testsuites", name=f"{report.project}, {report.environment}")
    results = [*last_outcomes(summary.results), *last_outcomes(summary.contract_results)]
    for dataset, checks in sorted(_by_dataset(results).items()):
        _add_dataset(_add_suite(root, dataset, report), checks)
    if steps := [one for one in findings_of(summary) if one.is_step]:
        _add_steps(_add_suite(root, SUITE_OF_STEPS, report), steps)
    _add_totals(root)
    indent(root)
    return as_utf8(_HEAD + tostring(root, encoding="unicode") + "\n")


def _by_dataset(results: Iterable[SummaryResult]) -> dict[str, list[SummaryResult]]:
    suites: dict[str, list[SummaryResult]] = {}
    for result in results:
        suites.setdefault(result.dataset or NO_DATASET, []).append(result)
    return suites


def _add_suite(root: Element, name: str, report: RunReport) -> Element:
    suite = SubElement(root, "testsuite", name=name, timestamp=f"{report.context.finished_at:%Y-%m-%dT%H:%M:%S}")
    properties = SubElement(suite, "properties")
    facts = {
        "project": report.project,
        "environment": report.environment,
        "run_id": report.context.run_id,
        "git_sha": report.context.git_sha,
    }
    for key, value in facts.items():
        if value:
            SubElement(properties, "property", name=key, value=value)
    return suite


def _add_dataset(suite: Element, checks: list[SummaryResult]) -> None:
    times = Counter(check.name for check in checks)
    for check in checks:
        # GitLab takes the first of test cases with the same name and drops the others.
        name = f"{check.name} ({check.unique_id})" if times[check.name] > 1 else check.name
        case = SubElement(
            suite, "testcase", classname=suite.attrib["name"], name=name, time=f"{check.seconds or 0:.3f}"
        )
        _add_outcome(case, check)


def _add_outcome(case: Element, check: SummaryResult) -> None:
    said = check.message or check.reason or check.status.value
    if check.status is ResultStatus.FAILED:
        _add_told(case, "failure", said, check.status.value)
    elif check.status is ResultStatus.ERROR:
        _add_told(case, "error", said, check.status.value)
    elif check.status is ResultStatus.WARNING:
        SubElement(case, "system-out").text = f"warning: {said}"
    elif not check.status.is_outcome:
        _add_told(case, "skipped", f"{check.status.value.replace('_', ' ')}: {check.reason or check.dbt_status}")


def _add_told(case: Element, tag: str, said: str, kind: str | None = None) -> None:
    """GitLab shows the text, Jenkins the message."""
    SubElement(case, tag, {"message": said} | ({"type": kind} if kind else {})).text = said


def _add_steps(suite: Element, steps: list[Finding]) -> None:
    for step in steps:
        case = SubElement(suite, "testcase", classname=step.key, name=f"{step.kind} execution", time="0.000")
        if step.level == "error":
            _add_told(case, "error", step.explanation, step.status)
        else:
            SubElement(case, "system-out").text = f"warning: {step.explanation}"


def _add_totals(root: Element) -> None:
    """What readers otherwise count themselves; a suite without `tests` is not valid."""
    for suite in root:
        cases = suite.findall("testcase")
        suite.set("time", f"{sum(float(case.attrib['time']) for case in cases):.3f}")
        suite.set("tests", str(len(cases)))
        for total, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(total, str(sum(case.find(tag) is not None for case in cases)))
    root.set("time", f"{sum(float(suite.attrib['time']) for suite in root):.3f}")
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.attrib[total]) for suite in root)))
