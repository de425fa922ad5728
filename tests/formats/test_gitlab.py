from __future__ import annotations

from typing import Any

from factories import DATASET, failed_model, report, summary, summary_result
from qalita_ingest.contract import RunReport
from qalita_ingest.formats import render
from qalita_ingest.mapping import Summary
from validators import parsed_gitlab


def rendered(found: Summary, run: RunReport | None = None) -> list[dict[str, Any]]:
    return parsed_gitlab(render("gitlab", found, run or report(1, {}), None))


def test_the_severity_says_what_could_not_run_what_failed_and_what_warned() -> None:
    found = summary(
        summary_result("a", "error"),
        summary_result("b", "failed"),
        summary_result("c", "warning"),
        step_findings=[failed_model("m"), failed_model("n", "medium")],
    )

    assert {entry["check_name"]: entry["severity"] for entry in rendered(found)} == {
        "m": "critical",
        "a": "critical",
        "b": "major",
        "n": "minor",
        "c": "minor",
    }


def test_what_passed_or_was_not_measured_is_no_entry() -> None:
    assert rendered(summary(*(summary_result(one, one) for one in ("passed", "skipped", "not_executed")))) == []


def test_an_entry_says_dataset_check_and_message() -> None:
    (entry,) = rendered(summary(summary_result("a", "failed", message="Got 3 results")))

    assert entry["description"] == "stg_airquality: a: Got 3 results"
    assert entry["location"] == {"path": "models/schema.yml", "lines": {"begin": 1}}


def test_an_entry_without_a_path_stands_at_the_file_that_every_project_has() -> None:
    (entry,) = rendered(summary(summary_result("a", "failed", path=None)))

    assert entry["location"]["path"] == "dbt_project.yml"


def test_the_fingerprint_is_the_same_in_every_run_and_environment() -> None:
    (first,) = rendered(summary(summary_result("a", "failed", message="Got 3 results")), report(1, {}))
    (again,) = rendered(summary(summary_result("a", "warning", failures=9)), report(2, {}, environment="ci"))

    assert first["fingerprint"] == again["fingerprint"]


def test_a_model_and_its_contract_have_fingerprints_of_their_own() -> None:
    found = summary(
        contract_results=[summary_result("contract", "failed", unique_id=DATASET, kind="contract")],
        step_findings=[failed_model("stg_airquality")],
    )

    assert len({entry["fingerprint"] for entry in rendered(found)}) == 2
