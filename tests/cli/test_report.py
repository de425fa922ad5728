"""What people read in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from factories import answer, change, failed_model, report, score, summary, summary_result
from qalita_ingest.cli.report import print_delivery, print_summary
from qalita_ingest.delivery import Delivery

if TYPE_CHECKING:
    from qalita_ingest.mapping import Summary


def lines(found: Summary, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_summary(found)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_a_model_that_failed_is_a_finding_with_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(summary(summary_result("a", "failed", failures=12), step_findings=[failed_model("m")]), capsys)

    at = found.index("error    model m")
    assert found[at + 1] == "         Database Error: no such column"
    assert found[at + 2].split() == ["failed", "stg_airquality:", "a", "12"]


def test_contracts_have_a_line_and_a_broken_one_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    contract = summary_result("contract", "failed", kind="contract", failures=None, message="wrong type")

    found = lines(summary(contracts={"failed": 1, "passed": 2}, contract_results=[contract]), capsys)

    assert "Contracts  failed 1 · passed 2" in found
    assert "failed   stg_airquality: contract" in found


def test_what_is_not_counted_says_why_each_reason_once(capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(
        summary(
            not_selected=4,
            ignored={"exposure.a": "exposures run nothing", "exposure.b": "exposures run nothing", "metric.c": "other"},
            notes=["dbt retry ran only what had failed"],
        ),
        capsys,
    )

    assert [line.strip() for line in found[1:5]] == [
        "4 more in the manifest had no result: not selected in this run",
        "2 row(s) ignored: exposures run nothing",
        "1 row(s) ignored: other",
        "dbt retry ran only what had failed",
    ]


def test_thirty_findings_are_listed_and_the_rest_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(summary(*(summary_result(f"check_{number}", "failed") for number in range(33))), capsys)

    assert sum(line.startswith("failed ") for line in found) == 30
    assert found[-1] == "… and 3 more; --format json lists them all"


def test_a_log_has_no_trailing_blanks_and_whole_titles(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a_check_with_a_long_name_" * 10
    found = summary(summary_result(name, "error", message="word " * 50), summary_result("b", "failed"))

    print_delivery(report(1, {"b": "failed"}), found, Delivery(answer(scores=(score(0.5),))), "store")

    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if line != line.rstrip()] == []
    assert f"error    stg_airquality: {name}" in printed


@pytest.mark.parametrize(("excluded", "columns"), [(3, ["%", "Checks", "Left", "out"]), (0, ["%", "Checks"])])
def test_what_the_score_left_out_is_counted_beside_it(
    excluded: int, columns: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = Delivery(answer(scores=(replace(score(0.5), excluded=excluded),)))

    print_delivery(report(1, {"a": "passed"}), summary(), delivery, "store")

    printed = capsys.readouterr().out.splitlines()
    (place,) = [number for number, line in enumerate(printed) if line.startswith("Score by dimension")]
    assert printed[place].split()[5:] == columns
    assert printed[place + 1].split()[2:] == ["50.0", "20", *(["3"] if excluded else [])]


def test_a_long_message_does_not_push_the_rows_out_of_sight(capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(summary(summary_result("a", "error", message="word " * 50), summary_result("b", "failed")), capsys)

    assert max(map(len, found)) < 130


def test_what_to_type_next_names_the_endpoint_that_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    url = "http://localhost:3091"
    opened = tuple(change(number, f"check_{number}") for number in range(31))
    delivery = Delivery(answer(opened=opened, open_issues=31))

    print_delivery(report(1, {"a": "failed"}), summary(), delivery, url, endpoint=url)

    printed = capsys.readouterr().out.splitlines()
    command = f"ingest issues --project opendata_dbt --env dev --endpoint {url}"
    assert printed[-1].startswith("Next ")
    assert printed[-1].endswith(command)
    assert f"Server  {url}" in printed
    assert [line.endswith(f"{command}` lists them") for line in printed if line.startswith("… and 1 more opened")] == [
        True
    ]
