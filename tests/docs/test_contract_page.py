"""The example on docs/contract.md is real: the sandbox answers it as the page says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from docs.pages import TOP, page
from qalita_ingest.contract import decode_answer, decode_report, idempotency_key
from qalita_ingest.sandbox.embedded import embedded_sandbox
from sandboxes import open_sandbox

if TYPE_CHECKING:
    from pathlib import Path

PAGE = page("docs/contract.md")
REPORT, ANSWER = (code.encode() for language, code in PAGE.blocks if language == "json")


def test_the_example_is_answered_as_shown(tmp_path: Path) -> None:
    key = idempotency_key(decode_report(REPORT))
    with open_sandbox(tmp_path) as sandbox:
        first = sandbox.client.post("/api/v2/ingest/runs", content=REPORT, headers={"Idempotency-Key": key})
        again = sandbox.client.post("/api/v2/ingest/runs", content=REPORT)
    moment = {"delivered_at": "then"}
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() | moment == json.loads(ANSWER) | moment


def test_the_answer_shown_is_one() -> None:
    assert decode_answer(ANSWER).outcome == "accepted"


def test_the_key_shown_is_that_of_the_example() -> None:
    assert f"`{idempotency_key(decode_report(REPORT))}`" in PAGE.text


def test_the_parts_on_the_page_are_the_fields_of_a_report() -> None:
    table = next(table for table in PAGE.tables if table[0][0] == "part")
    listed = {name for row in table[1:] for name in row[0].replace("`", "").split(", ")}
    schema = json.loads((TOP / "docs" / "run-report.schema.json").read_text(encoding="utf-8"))
    assert listed == set(schema["$defs"]["RunReport"]["properties"]) - {"contract_version"}


def test_the_routes_on_the_page_exist(tmp_path: Path) -> None:
    with embedded_sandbox(tmp_path) as sandbox:
        paths = sandbox.client.get("/openapi.json").json()["paths"]
    offered = {(method.upper(), path.replace("{issue_id}", "{id}")) for path, ways in paths.items() for method in ways}
    table = next(table for table in PAGE.tables if table[0][0] == "route")
    listed = {tuple(row[0].strip("`").split()) for row in table[1:]}
    assert listed <= offered
