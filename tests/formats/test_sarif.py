from __future__ import annotations

from typing import Any

import msgspec

from factories import check, failed_model, report, summary, summary_result
from qalita_ingest.formats import render
from qalita_ingest.mapping import Summary
from validators import parsed_sarif

RUN = report(1, {})


def rendered(found: Summary) -> dict[str, Any]:
    return parsed_sarif(render("sarif", found, RUN, None))


def test_results_are_findings_only() -> None:
    found = summary(
        *(summary_result(one, one) for one in ("passed", "warning", "failed", "error", "skipped", "not_executed")),
        step_findings=[failed_model("m")],
    )

    assert [(result["ruleId"], result["level"]) for result in rendered(found)["results"]] == [
        ("model/execution", "error"),
        ("data_test/error", "error"),
        ("data_test/failed", "error"),
        ("data_test/warning", "warning"),
    ]


def test_findings_of_one_kind_and_name_share_a_rule() -> None:
    run = rendered(
        summary(
            summary_result("same", "failed", unique_id="test.1"),
            summary_result("same", "failed", unique_id="test.2"),
            summary_result("same", "failed", unique_id="unit_test.1", kind="unit_test"),
        )
    )

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["data_test/same", "unit_test/same"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 0, 1]
    assert len({result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]}) == 3


def test_a_rule_carries_what_the_team_wrote_about_the_check() -> None:
    described = msgspec.structs.replace(check("a"), description="Values are positive.")
    run = msgspec.structs.replace(RUN, checks=(described,))

    (rule,) = parsed_sarif(render("sarif", summary(summary_result("a", "failed")), run, None))["tool"]["driver"][
        "rules"
    ]

    assert rule["fullDescription"]["text"] == "Values are positive."
    assert rule["properties"]["tags"] == ["validity", "data_test"]


def test_a_location_is_a_uri_below_the_project_and_left_out_without_a_path() -> None:
    run = rendered(
        summary(
            summary_result("a", "failed", path="tests\\naïve check: 1.sql"), summary_result("b", "failed", path=None)
        )
    )

    here, nowhere = run["results"]
    place = here["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "tests/na%C3%AFve%20check%3A%201.sql"
    assert place["region"] == {"startLine": 1}
    assert "locations" not in nowhere


def test_the_driver_names_its_version_and_the_run_its_project() -> None:
    context = msgspec.structs.replace(RUN.context, client_version="1.2.3")
    run = msgspec.structs.replace(RUN, context=context)

    content = parsed_sarif(render("sarif", summary(), run, None))

    assert content["tool"]["driver"] == {"name": "qalita-ingest", "version": "1.2.3", "rules": []}
    assert content["automationDetails"]["id"] == "opendata_dbt/dev/invocation-01"
