from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from factories import DATASET, failed_model, report, summary, summary_result
from qalita_ingest.contract import ResultStatus
from qalita_ingest.formats import render
from qalita_ingest.mapping import Summary
from validators import parsed_junit

RUN = report(1, {})


def rendered(found: Summary) -> Any:
    return parsed_junit(render("junit", found, RUN, None))


def outcome(case: Any) -> list[str]:
    return [child.tag for child in case]


def test_each_status_is_the_element_that_ci_servers_know() -> None:
    root = rendered(summary(*(summary_result(status.value, status.value) for status in ResultStatus)))

    assert {case.get("name"): outcome(case) for case in root.iter("testcase")} == {
        "passed": [],
        "warning": ["system-out"],
        "failed": ["failure"],
        "error": ["error"],
        "skipped": ["skipped"],
        "not_executed": ["skipped"],
        "not_measured": ["skipped"],
    }


def test_a_suite_is_a_dataset_and_counts_its_checks() -> None:
    orders = "model.shop.orders"
    root = rendered(
        summary(
            summary_result("a", "failed", dataset=orders),
            summary_result("b", "error", dataset=orders),
            summary_result("c", "skipped", dataset=orders),
            summary_result("d", "passed"),
            summary_result("e", "warning", dataset=None),
        )
    )

    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        (DATASET, "1"),
        (orders, "3"),
        ("no single dataset", "1"),
    ]
    assert [root[1].get(total) for total in ("failures", "errors", "skipped")] == ["1", "1", "1"]
    assert [root.get(total) for total in ("tests", "failures", "errors")] == ["5", "1", "1"]
    assert {case.get("classname") for case in root[1].iter("testcase")} == {orders}


def test_times_are_seconds_and_add_up() -> None:
    root = rendered(summary(summary_result("a", "passed", seconds=1234.5678), summary_result("b", "passed")))

    assert [case.get("time") for case in root.iter("testcase")] == ["1234.568", "0.250"]
    assert root.get("time") == root[0].get("time") == "1234.818"


def test_a_message_stands_in_the_attribute_and_in_the_text() -> None:
    (failure,) = rendered(summary(summary_result("a", "failed", message="Got 3 <rows>\nmore"))).iter("failure")

    assert failure.get("message") == failure.text == "Got 3 <rows>\nmore"


def test_what_was_not_executed_says_why() -> None:
    reason = "`dbt docs generate` executes no tests"
    (skipped,) = rendered(summary(summary_result("a", "not_executed", reason=reason))).iter("skipped")

    assert skipped.get("message") == f"not executed: {reason}"


def test_a_warning_passes_and_its_output_says_so() -> None:
    root = rendered(summary(summary_result("a", "warning", message="Got 2 results")))

    assert root.get("failures") == "0"
    assert next(root.iter("system-out")).text == "warning: Got 2 results"


def test_checks_of_one_name_stay_apart() -> None:
    root = rendered(
        summary(
            summary_result("same", "passed", unique_id="test.opendata.same.1"),
            summary_result("same", "failed", unique_id="test.opendata.same.2"),
        )
    )

    assert [case.get("name") for case in root.iter("testcase")] == [
        "same (test.opendata.same.1)",
        "same (test.opendata.same.2)",
    ]


def test_a_check_that_ran_twice_is_one_case_with_its_last_outcome() -> None:
    root = rendered(summary(summary_result("a", "failed"), summary_result("a", "passed")))

    assert [outcome(case) for case in root.iter("testcase")] == [[]]


def test_a_model_that_failed_is_an_error_and_one_that_warned_is_none() -> None:
    root = rendered(summary(step_findings=[failed_model("broken"), failed_model("batched", "medium")]))

    (suite,) = root
    assert suite.get("name") == "steps that failed"
    assert [(case.get("classname"), case.get("name"), outcome(case)) for case in suite.iter("testcase")] == [
        ("model.opendata.broken", "model execution", ["error"]),
        ("model.opendata.batched", "model execution", ["system-out"]),
    ]


def test_a_contract_is_a_case_of_its_dataset() -> None:
    contract = summary_result("contract", "failed", unique_id=DATASET, kind="contract")

    root = rendered(summary(contract_results=[contract]))

    assert (root[0].get("name"), root.get("failures")) == (DATASET, "1")


def test_a_suite_names_the_run() -> None:
    run = report(1, {}, git_sha="abc")
    root = parsed_junit(render("junit", summary(summary_result("a", "passed")), run, None))

    assert {one.get("name"): one.get("value") for one in root.iter("property")} == {
        "project": "opendata_dbt",
        "environment": "dev",
        "run_id": "invocation-01",
        "git_sha": "abc",
    }
    assert root[0].get("timestamp") == "2026-01-01T01:00:00"


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_any_text_makes_valid_xml(text: str) -> None:
    """Control characters and lone surrogates included: XML has no way to write them."""
    found = summary(
        summary_result(text, "failed", unique_id="test.1", message=text, dataset=text),
        summary_result(text, "skipped", unique_id="test.2", reason=text),
        step_findings=[failed_model(text, dbt_status=text, message=text)],
    )

    assert len(list(rendered(found).iter("testcase"))) == 3
