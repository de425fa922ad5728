"""What dagster-dbt ran is dbt's: it counts once, and dbt's manifest has the say, whoever comes first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import dagster as dg
import pytest
from dagster_dbt import DbtCliResource, dbt_assets

from dagster_jobs import new_instance
from qalita_ingest import DbtFiles, RunLabels, RunReport, prepare_dagster, prepare_dbt
from sandboxes import open_sandbox
from small_dbt import BAD, GOOD, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator

SQLITE_ONLY = "about what two tools say of one night; sandbox/test_order_of_arrival has them on both"
LABELS = RunLabels(project="shop", environment="dev")
# One passes, one warns, one fails: each for its own reason.
SCHEMA = """\
models:
  - name: orders
    columns:
      - name: id
        data_tests:
          - not_null
          - unique: {config: {severity: warn, meta: {owner: the shop}}}
      - name: status
        data_tests:
          - accepted_values: {arguments: {values: [paid, sent]}}
"""
TWICE = BAD.replace("select 2", "select 1")


class Night(NamedTuple):
    """One run, as Dagster and as dbt tell of it."""

    dagster: RunReport
    dbt: RunReport
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Night]]:
    """A bad night, then a good one. dbt is found beside the Python that runs these tests."""
    folder = tmp_path_factory.mktemp("shop")
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{path}"
    project = write_project(folder / "project", TWICE)
    (project / "models" / "schema.yml").write_text(SCHEMA)
    subprocess.run(["dbt", "parse"], cwd=project, check=True, capture_output=True, timeout=300)
    with new_instance(folder / "home") as instance:
        found = []
        for number, orders in enumerate((TWICE, GOOD)):
            (project / "models" / "orders.sql").write_text(orders)
            found.append(_night(instance, project, folder / f"target-{number}"))
        yield found
    os.environ["PATH"] = path


def _night(instance: dg.DagsterInstance, project: Path, target: Path) -> Night:
    @dbt_assets(manifest=project / "target" / "manifest.json")
    def shop(context, dbt: DbtCliResource):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 (Dagster reads them)
        yield from dbt.cli(["build"], context=context, target_path=target).stream()

    dbt = DbtCliResource(project_dir=str(project), profiles_dir=str(project))
    run = dg.materialize([shop], resources={"dbt": dbt}, instance=instance, raise_on_error=False)
    of_dagster, _ = prepare_dagster(instance, run.run_id, LABELS)
    of_dbt, _ = prepare_dbt(DbtFiles.in_folder(target), LABELS)
    return Night(of_dagster, of_dbt, json.loads((target / "run_results.json").read_text())["results"])


def test_dagster_and_dbt_name_the_same_results(nights: list[Night]) -> None:
    for night in nights:
        named = [{(one.check, one.invocation, one.status, one.failures) for one in each.results} for each in night[:2]]
        assert named[0] == named[1]


def test_every_dbt_test_that_dagster_heard_of_is_there(nights: list[Night]) -> None:
    """Counted over the file that dbt wrote, not over what our reader made of it."""
    words = {"passed": "pass", "warning": "warn", "failed": "fail"}
    for night in nights:
        counted = Counter(row["status"] for row in night.rows if row["unique_id"].startswith("test."))
        assert Counter(words[one.status] for one in night.dagster.results) == counted
    assert Counter(one.status for one in nights[0].dagster.results) == {"passed": 1, "warning": 1, "failed": 1}


def test_any_order_of_arrival_ends_in_the_same_counts_and_definitions(nights: list[Night], tmp_path: Path) -> None:
    reports = [report for night in nights for report in night[:2]]
    ends = []
    for number, order in enumerate(permutations(reports)):
        with open_sandbox(tmp_path / str(number)) as sandbox:
            for report in order:
                sandbox.take(report)
            ends.append({name: sandbox.rows(query) for name, query in WHAT_COUNTS.items()})
    assert len(ends) == 24
    assert all(end == ends[0] for end in ends)
    assert len(ends[0]["results"]) == 6


WHAT_COUNTS = {
    "results": """select c.key, i.key, t.status, t.failures from results t join checks c on c.id = t.check_id
        join invocations i on i.id = t.invocation_id order by 1, 2""",
    "steps": "select t.key, i.key, t.status, t.finding from steps t join invocations i on i.id = t.invocation_id "
    "order by 1, 2",
    "checks": """select c.key, c.name, c.kind, c.severity, c.dimension, c.owner, c.path, d.key, c.defined_by
        from checks c left join datasets d on d.id = c.dataset_id order by 1""",
    "datasets": "select d.key, d.name, d.kind, d.relation, d.path, s.name, d.defined_by from datasets d "
    "join sources s on s.id = d.source_id order by 1",
    "issues": "select subject, kind, severity, state, occurrences from issues order by 1",
}
