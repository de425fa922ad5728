"""What QALITA answered → what is noted beside the assets and checks of the run, for Dagster's pages."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from qalita_ingest.mapping.dagster.checks import check_key
from qalita_ingest.mapping.dagster.dbt import dbt_node, is_dataset, is_test
from qalita_ingest.readers.dagster import OWN_METADATA, Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.readers.dagster import Evaluation, Run

SCORE, ISSUE, ISSUES = "qalita/score", "qalita/issue", "qalita/open_issues"


@dataclass(frozen=True)
class Answered:
    """`pages`: address of QALITA's pages; None where nobody serves them. `issues`: key of a check → its open issue."""

    report: RunReport
    answer: IngestAnswer
    pages: str | None = None
    issues: Mapping[str, int] | None = None

    @property
    def run(self) -> str:
        return self.page("runs", self.answer.run) or f"run {self.answer.run} of {self.report.project}"

    def page(self, kind: str, number: int) -> str | None:
        return f"{self.pages}/{kind}/{number}" if self.pages else None

    def score_of(self, perimeter: str, key: str) -> float | None:
        """In percent."""
        found = (one.value for one in self.answer.scores if (one.perimeter, one.key) == (perimeter, key))
        return next((round(value * 100, 1) for value in found), None)


def notes_on(run: Run, answered: Answered) -> list[Note]:
    """One for each asset that the run made (of each partition), and one for each check that found something."""
    return [*_on_assets(run, answered), *_on_checks(run, answered)]


def _on_assets(run: Run, answered: Answered) -> Iterator[Note]:
    checks = {one.key: one.dataset for one in answered.report.checks}
    project = answered.score_of("project", answered.report.project)
    made = {(one.asset, one.partition or ""): one for one in run.asset_events if one.kind == "materialization"}
    for (asset, _), event in sorted(made.items(), key=itemgetter(0)):
        node = dbt_node(event.metadata)
        key = node.unique_id if node and is_dataset(node) else asset
        score = answered.score_of("dataset", key)
        metadata: dict[str, str | float | int] = {OWN_METADATA: answered.run}
        if (shown := score if score is not None else project) is not None:
            metadata[SCORE] = shown
        if answered.issues is not None:
            metadata[ISSUES] = sum(checks.get(subject) == key for subject in answered.issues)
        yield Note(asset=asset, metadata=metadata, partition=event.partition)


def _on_checks(run: Run, answered: Answered) -> Iterator[Note]:
    found = {one.check for one in answered.report.results if one.status.is_finding}
    evaluated = {(one.asset, one.name): one for one in run.evaluations}
    for (asset, name), one in sorted(evaluated.items()):
        key = _key_of(one)
        if key not in found:
            continue
        metadata: dict[str, str | float | int] = {OWN_METADATA: answered.run}
        number = (answered.issues or {}).get(key)
        if number is not None:
            metadata[ISSUE] = answered.page("issues", number) or f"issue {number}"
        yield Note(asset=asset, check=name, metadata=metadata)


def _key_of(one: Evaluation) -> str:
    node = dbt_node(one.metadata)
    return node.unique_id if node and is_test(node) else check_key(one.asset, one.name)
