from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import answer, change, failed_model, report, score, summary, summary_result
from qalita_ingest.contract import IngestAnswer
from qalita_ingest.formats import render
from qalita_ingest.formats.markdown import text
from qalita_ingest.mapping import Summary
from validators import MARKDOWN, parsed_markdown, seen

RUN = report(1, {}, git_sha="0123456789abcdef")


def rendered(found: Summary, delivered: IngestAnswer | None = None) -> str:
    return render("markdown", found, RUN, delivered).decode()


def tables(found: Summary, delivered: IngestAnswer | None = None) -> dict[str, list[list[str]]]:
    return parsed_markdown(render("markdown", found, RUN, delivered))


def test_it_begins_with_project_environment_and_run() -> None:
    lines = rendered(summary(summary_result("a", "passed")), answer(run=7)).splitlines()

    assert lines[0] == "## ✅ QALITA: opendata_dbt, dev"
    assert lines[2] == "dbt, commit 0123456789, finished 2026-01-01 01:00:00 UTC, run 7"


def test_the_sign_in_the_title_is_that_of_the_worst() -> None:
    signs = [
        rendered(found).split()[1]
        for found in (
            summary(summary_result("a", "failed"), summary_result("b", "passed")),
            summary(step_findings=[failed_model("m")]),
            summary(summary_result("a", "warning")),
            summary(summary_result("a", "passed")),
            summary(summary_result("a", "not_executed")),
        )
    ]

    assert signs == ["❌", "❌", "⚠️", "✅", "➖"]


def test_the_counts_are_a_table() -> None:
    found = summary(summary_result("a", "failed"), summary_result("b", "passed"), summary_result("c", "not_executed"))

    header, row = tables(found)[""]

    assert header == ["Passed", "Warning", "Failed", "Error", "Skipped", "Not executed", "Not measured"]
    assert row == ["1", "0", "1", "0", "0", "1", "0"]


def test_the_score_is_told_by_dimension_and_as_a_whole() -> None:
    scores = (score(0.875), score(0.5, "dimension", "validity"), score(1, "dataset", "model.a.b"))

    assert tables(summary(), answer(scores=scores))["Score by dimension"][1:] == [
        ["validity", "50.0 %", "20"],
        ["all", "87.5 %", "20"],
    ]


def test_what_the_score_left_out_is_counted_beside_it() -> None:
    scores = (replace(score(0.875), excluded=3), score(0.5, "dimension", "validity"))

    assert tables(summary(), answer(scores=scores))["Score by dimension"] == [
        ["Dimension", "Score", "Checks", "Left out"],
        ["validity", "50.0 %", "20", "0"],
        ["all", "87.5 %", "20", "3"],
    ]


def test_no_score_is_said() -> None:
    assert "**Score**: none, nothing was measured" in rendered(summary(), answer())
    assert "Score" not in rendered(summary())


def test_findings_are_listed_the_worst_first() -> None:
    found = summary(
        summary_result("b", "warning", failures=4), summary_result("a", "failed"), step_findings=[failed_model("m")]
    )

    assert tables(found)["Findings"][1:] == [
        ["❌ error", "model m", "", "", "Database Error: no such column"],
        ["❌ failed", "stg_airquality: a", "validity", "1", "Got 1 result"],
        ["⚠️ warning", "stg_airquality: b", "validity", "4", "Got 1 result"],
    ]


def test_fifty_findings_are_listed_and_the_rest_is_counted() -> None:
    found = summary(*(summary_result(f"check_{number}", "failed") for number in range(53)))

    assert len(tables(found)["Findings"]) == 1 + 50
    assert "… and 3 more" in rendered(found)


def test_changes_of_issues_are_listed_without_linking_issues_of_the_ci_server() -> None:
    delivered = answer(
        opened=(change(1, "a"),), reopened=(change(2, "b", "medium"),), resolved=(change(3, "c"),), open_issues=2
    )

    assert tables(summary(), delivered)["Issues"][1:] == [
        ["opened", "1", "[QALITA] stg_airquality: a", "high"],
        ["reopened", "2", "[QALITA] stg_airquality: b", "medium"],
        ["resolved", "3", "[QALITA] stg_airquality: c", "high"],
    ]
    assert "2 open after this run" in rendered(summary(), delivered)
    assert "#1" not in rendered(summary(), delivered)


def test_a_run_that_was_there_before_says_since_when() -> None:
    assert "was delivered before, on 2026-01-01 00:00:00 UTC" in rendered(
        summary(), answer(outcome="already_delivered", opened=(change(1, "a"),))
    )


def test_the_notes_say_what_has_no_outcome_and_why() -> None:
    reason = "`dbt docs generate` executes no tests"
    found = summary(
        summary_result("a", "not_executed", reason=reason),
        summary_result("b", "not_executed", reason=reason),
        not_selected=4,
        mixed=True,
        not_in_manifest=["test.gone"],
        ignored={"exposure.a": "no check", "exposure.b": "no check"},
        notes=["dbt retry ran only what had failed"],
    )

    notes = rendered(found).split("### Notes\n\n")[1].splitlines()

    assert notes == [
        "- 4 more in the manifest had no result: not selected in this run",
        r"- 2 × \`dbt docs generate\` executes no tests",
        "- 1 result(s) are not in this manifest, so nothing was retired: test.gone",
        "- 2 row(s) ignored: no check",
        "- dbt retry ran only what had failed",
    ]


def test_contracts_and_steps_are_counted() -> None:
    content = rendered(summary(contracts={"failed": 1}, steps={"model:error": 1, "model:success": 5}))

    assert "**Contracts**: failed 1" in content
    assert "**Steps**: model error 1 · model success 5" in content


def test_a_long_message_is_cut_visibly() -> None:
    cell = tables(summary(summary_result("a", "failed", message="x" * 5000)))["Findings"][1][4]

    assert len(cell) == 300
    assert cell.endswith("x…")


@given(st.text(), st.text())
def test_any_text_is_shown_as_it_is_in_a_table_cell(name: str, message: str) -> None:
    found = summary(summary_result(name, "failed", message=message or "m", failures=None))
    control = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF])

    (_, row) = tables(found)["Findings"]

    assert row[1] == " ".join(f"stg_airquality: {name}".split()).translate(control).strip()
    assert row[4] == " ".join((message or "m").split()).translate(control).strip()


def test_html_and_marks_are_only_text() -> None:
    odd = "<img src=x> &amp; `a` *b* _c_ [d](e) ~~f~~ | snake_case <http://x.org> \\"

    (inline,) = [token for token in MARKDOWN.parse(text(odd)) if token.type == "inline"]

    assert seen(inline) == odd
    assert {child.type for child in inline.children or []} == {"text"}
