from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from factories import answer, failed_model, report, score, summary, summary_result
from qalita_ingest.contract import IngestAnswer
from qalita_ingest.formats import render
from qalita_ingest.mapping import Summary
from validators import parsed_github

RUN = report(1, {})
Command = tuple[str, dict[str, str], str]


def rendered(found: Summary, delivered: IngestAnswer | None = None) -> list[Command]:
    return parsed_github(render("github", found, RUN, delivered))


def test_what_failed_is_an_error_and_a_warning_a_warning() -> None:
    found = summary(
        summary_result("c", "warning"),
        summary_result("b", "failed"),
        summary_result("a", "error"),
        summary_result("d", "passed"),
        step_findings=[failed_model("m"), failed_model("n", "medium")],
    )

    assert [(word, properties["title"]) for word, properties, _ in rendered(found)] == [
        ("error", "model m (error)"),
        ("error", "stg_airquality: a (error)"),
        ("error", "stg_airquality: b (failed)"),
        ("warning", "model n (error)"),
        ("warning", "stg_airquality: c (warning)"),
        ("notice", "QALITA opendata_dbt, dev"),
    ]


def test_an_annotation_stands_at_the_file_that_defines_the_check() -> None:
    here, nowhere, _ = rendered(
        summary(summary_result("a", "failed", path="models\\b.yml"), summary_result("b", "failed", path=None))
    )

    assert (here[1]["file"], here[1]["line"]) == ("models/b.yml", "1")
    assert nowhere[1].keys() == {"title"}


def test_the_notice_sums_up() -> None:
    (notice,) = rendered(summary(summary_result("a", "passed")), answer(scores=(score(0.975),), open_issues=2))

    assert "passed 1 · warning 0" in notice[2]
    assert notice[2].endswith("; score 97.5 %; 2 issue(s) open")


def test_a_run_without_a_score_names_none() -> None:
    (notice,) = rendered(summary(), answer())

    assert "score" not in notice[2]


def test_ten_of_a_type_are_printed_and_the_rest_is_counted() -> None:
    results = [summary_result(f"check_{number:02}", "failed") for number in range(12)]
    results += [summary_result(f"warned_{number:02}", "warning") for number in range(13)]

    *shown, notice = rendered(summary(*results))

    words = [word for word, _, _ in shown]
    assert (words.count("error"), words.count("warning")) == (10, 10)
    assert "5 more finding(s) not shown here" in notice[2]


@given(st.text(), st.text(min_size=1))
def test_any_text_comes_back_whole_and_starts_no_command_of_its_own(name: str, message: str) -> None:
    (found, _notice) = rendered(summary(summary_result(name, "failed", message=message, path="a/b.yml")))

    assert found[1]["file"] == "a/b.yml"
    assert found[1]["title"] == clean(f"stg_airquality: {name} (failed)")
    assert found[2] == clean(message)


CONTROL = {code: None for code in [*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF] if chr(code) not in "\t\n\r"}


def clean(text: str) -> str:
    """Without control characters, which have no place in a log."""
    return text.translate(CONTROL)
