"""Every format, on every kind of run: valid, and holding what the run holds."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from factories import answer, change, failed_model, report, score, summary, summary_result
from qalita_ingest.contract import ResultStatus
from qalita_ingest.formats import FORMATS, render
from qalita_ingest.mapping import RunLabels
from qalita_ingest.pipeline import DbtFiles, prepare_dbt
from validators import PARSERS

MACHINE_FORMATS = [name for name in FORMATS if name != "text"]
ODD = 'naïve "<b>&amp;</b>" | `x` 100%, a:b\n\r\t#1 @you 数据 🙂 \x00\x1b[31m\x85\uffff [l](http://x) *_~$\\'
RUN = report(1, {})
ANSWER = answer(
    scores=(score(0.875), score(0.5, "dimension", "validity"), score(0.9, "dataset", "model.opendata.stg_airquality")),
    opened=(change(1, "failed"),),
    reopened=(change(2, "error"),),
    resolved=(change(3, "passed", "medium"),),
    open_issues=2,
)
SUMMARIES = {
    "all statuses": summary(*(summary_result(status.value, status.value) for status in ResultStatus)),
    "odd characters": summary(
        *(
            summary_result(ODD, status.value, unique_id=status.value, message=ODD, reason=ODD, path=ODD)
            for status in ResultStatus
        ),
        step_findings=[failed_model(ODD, unique_id="model.odd", message=ODD, path=ODD)],
        ignored={"exposure.odd": ODD},
        notes=[ODD],
    ),
    "nothing": summary(),
    "a check without a dataset": summary(summary_result("singular", "failed", dataset=None, path=None)),
    "everything at once": summary(
        summary_result("bare", "error", message=None, seconds=None, failures=None, path=None, dbt_status=None),
        not_selected=3,
        mixed=True,
        not_in_manifest=["test.gone.a", "test.gone.b", "test.gone.c", "test.gone.d"],
        ignored={"exposure.a": "dbt executes nothing for it", "exposure.b": "dbt executes nothing for it"},
        steps={"model:error": 1, "model:success": 5},
        contracts={"failed": 1},
        contract_results=[summary_result("contract", "failed", unique_id="model.opendata.broken", kind="contract")],
        step_findings=[failed_model("broken"), failed_model("batched", "medium", message=None, path=None)],
    ),
    "a thousand results": summary(
        *(summary_result(f"check_{number}", list(ResultStatus)[number % 7].value) for number in range(1000))
    ),
}


@pytest.mark.parametrize("delivered", [ANSWER, None], ids=["delivered", "dry run"])
@pytest.mark.parametrize("kind", SUMMARIES)
@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_a_format_is_valid_for_every_kind_of_run(name: str, kind: str, delivered: object) -> None:
    PARSERS[name](render(name, SUMMARIES[kind], RUN, delivered))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_names_given_by_flags_may_hold_any_bytes(name: str) -> None:
    odd = report(1, {}, project="caf\udce9", environment="a\x00|b")

    PARSERS[name](render(name, summary(), odd, None))


@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_the_same_run_gives_the_same_bytes(name: str) -> None:
    whole = SUMMARIES["everything at once"]

    assert render(name, whole, RUN, ANSWER) == render(name, whole, RUN, ANSWER)


@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_a_format_is_valid_on_every_real_pair(name: str, corpus: Path) -> None:
    tried = 0
    with (corpus / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    for row in rows:
        if row["kind"] != "run_results" or not row["paired_manifest"]:
            continue
        files = DbtFiles(corpus / row["paired_manifest"], [corpus / row["path"]])
        run, found = prepare_dbt(files, RunLabels("corpus", "dev"), allow_mixed=True)
        PARSERS[name](render(name, found, run, None))
        tried += 1
    assert tried > 25


def test_json_is_the_summary_and_the_answer() -> None:
    whole = SUMMARIES["everything at once"]

    content = json.loads(render("json", whole, RUN, ANSWER))

    assert content.pop("delivery")["open_issues"] == 2
    assert content == json.loads(whole.as_json()) == json.loads(render("json", whole, RUN, None))
    assert {"counts", "not_selected", "steps", "contracts", "mixed", "results"} <= content.keys()


def test_the_names_of_the_formats_are_known_without_loading_them() -> None:
    code = (
        "import sys; from qalita_ingest.formats import FORMATS;"
        "print([name for name in ('msgspec', 'rich', 'json', 'qalita_ingest.contract') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
