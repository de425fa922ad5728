import gzip
import json
import tracemalloc
import zlib
from typing import Any

import msgspec
import pytest
from fastapi import HTTPException
from msgspec.structs import replace
from starlette.testclient import TestClient

from factories import DATASET, report
from qalita_ingest.contract import Sample, encode
from qalita_ingest.sandbox import requests
from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
RUNS = "/api/v2/ingest/runs"
GZIP = {"Content-Encoding": "gzip"}


def test_a_gzipped_body_is_unpacked(sandbox: Sandbox) -> None:
    response = sandbox.client.post(RUNS, content=gzip.compress(encode(report(1, {"a": "passed"}))), headers=GZIP)

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("content", "headers", "status", "detail"),
    [
        (b"", {}, 400, "no run report"),
        (b"{}", {}, 400, "missing required field"),
        (b"[1]", {}, 400, "no run report"),
        (b"not gzip", GZIP, 400, "not gzip"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-10], GZIP, 400, "cut off"),
        (gzip.compress(b"{}", mtime=0) * 2, GZIP, 400, "more behind the end"),
        (encode(report(1, {"a": "passed"})), {"Idempotency-Key": "somebody-elses"}, 422, "not this run's"),
    ],
)
def test_a_bad_body_is_a_problem_and_writes_nothing(
    sandbox: Sandbox, content: bytes, headers: dict[str, str], status: int, detail: str
) -> None:
    response = sandbox.client.post(RUNS, content=content, headers=headers)

    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert detail in problem["detail"]
    assert sandbox.client.get("/api/v2/runs").json()["items"] == []


WHOLE = report(1, {"a": "passed"}, steps={DATASET: "success"})


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"checks": ()}, "check 'test.opendata.a' is named and not defined"),
        ({"sources": ()}, "source 'duckdb:opendata' is named and not defined"),
        ({"invocations": ()}, "invocation 'invocation-01' is named and not defined"),
        ({"results": WHOLE.results * 2}, "there twice"),
        ({"steps": WHOLE.steps * 2}, "there twice"),
        ({"results": (), "steps": (), "metrics": (), "invocations": ()}, "no invocation"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(sandbox: Sandbox, changed: dict[str, Any], detail: str) -> None:
    response = sandbox.client.post(RUNS, content=encode(msgspec.structs.replace(WHOLE, **changed)))

    assert response.status_code == 400
    assert detail in response.json()["detail"]
    assert sandbox.client.get("/api/v2/runs").json()["items"] == []


@pytest.mark.parametrize("failures", [2**64, -1])
def test_a_count_that_no_database_keeps_is_refused(sandbox: Sandbox, failures: int) -> None:
    body = encode(WHOLE).replace(b'"failures":1', b'"failures":%d' % failures)

    assert sandbox.client.post(RUNS, content=body).status_code == 400


def test_a_number_that_is_too_large_for_an_id_is_refused(sandbox: Sandbox) -> None:
    wish = {"until": None, "actor": "lead"}

    assert sandbox.client.post(f"/api/v2/issues/{2**70}/mute", json=wish).status_code == 422


def test_a_bomb_is_refused_before_any_of_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "LARGEST_BODY_BYTES", 80 * 2**20)
    bomb = gzip.compress(b"0" * (100 * 2**20), 9)
    assert len(bomb) > requests.NO_BOMB_BYTES
    tracemalloc.start()

    with pytest.raises(HTTPException) as refused:
        requests.unpack(bomb)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.status_code == 413
    assert most < 8 * 2**20


def test_a_body_that_unpacks_to_too_much_is_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "LARGEST_BODY_BYTES", 1000)
    bomb = zlib.compressobj(wbits=31)

    response = sandbox.client.post(RUNS, content=bomb.compress(b"0" * 100_000) + bomb.flush(), headers=GZIP)

    assert response.status_code == 413


def test_a_body_that_is_too_much_as_sent_is_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "LARGEST_BODY_BYTES", 1000)

    assert sandbox.client.post(RUNS, content=b" " * 1001).status_code == 413


def test_an_encoding_that_is_not_known_is_refused(sandbox: Sandbox) -> None:
    response = sandbox.client.post(RUNS, content=b"", headers={"Content-Encoding": "br"})

    assert response.status_code == 415
    assert "gzip or identity" in response.json()["detail"]


def test_the_first_answer_is_given_again_whatever_happened_meanwhile(sandbox: Sandbox) -> None:
    first = sandbox.take(report(1, {"a": "failed"}))
    sandbox.take(report(2, {"a": "passed"}))

    assert sandbox.take(report(1, {"a": "failed"})) == first
    assert len(first.opened) == 1


def test_a_failure_of_the_sandbox_is_a_problem_too(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.client.app.state, "clock", lambda: 1 / 0)  # type: ignore[attr-defined]
    quiet = TestClient(sandbox.client.app, raise_server_exceptions=False)

    response = quiet.get("/api/v2/issues")

    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")


def test_an_unknown_path_and_a_bad_parameter_have_the_same_shape(sandbox: Sandbox) -> None:
    for response, status in (
        (sandbox.client.get("/api/v2/nowhere"), 404),
        (sandbox.client.get("/api/v2/issues", params={"status": "odd"}), 422),
    ):
        assert response.status_code == status
        assert response.json()["status"] == status


def test_runs_are_listed_newest_first_with_their_score(sandbox: Sandbox) -> None:
    sandbox.take(report(2, {"a": "passed"}))
    sandbox.take(report(1, {"a": "failed"}))

    listed = sandbox.client.get("/api/v2/runs", params={"project": "opendata_dbt", "environment": "dev"}).json()[
        "items"
    ]

    assert [(run["finished_at"], run["score"]) for run in listed] == [
        ("2026-01-01T02:00:00Z", 1.0),
        ("2026-01-01T01:00:00Z", 0.0),
    ]
    assert sandbox.client.get("/api/v2/runs", params={"environment": "prod"}).json()["items"] == []


def test_issues_are_listed_by_status(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed", "b": "failed"}))
    sandbox.take(report(2, {"a": "passed"}, defined=("a", "b")))

    assert sandbox.statuses(status="open") == {"b": "open"}
    assert sandbox.statuses(status="resolved") == {"a": "resolved"}


def test_capabilities_name_the_contract(sandbox: Sandbox) -> None:
    assert sandbox.client.get("/api/v2/ingest/capabilities").json()["contract_versions"] == [1]


def test_the_api_is_described(sandbox: Sandbox) -> None:
    paths = json.loads(sandbox.client.get("/openapi.json").content)["paths"]

    assert {RUNS, "/api/v2/issues", "/api/v2/runs"} <= set(paths)


def test_an_issue_tells_what_its_latest_finding_said(sandbox: Sandbox) -> None:
    sample = Sample(columns=("id",), rows=(("1",), (None,)), masked=("email",))
    earlier, later = report(1, {"a": "warning"}), report(2, {"a": "failed"})
    (result,) = later.results
    found = replace(result, message="Got 2 results", failures=2, relation="audit.a", sample=sample)
    sandbox.take(replace(later, results=(found,)))
    sandbox.take(earlier)

    issue = sandbox.client.get("/api/v2/issues/1").json()

    assert issue["title"] == "[QALITA] stg_airquality: a"
    evidence = issue["evidence"]
    assert (evidence["status"], evidence["failures"], evidence["relation"]) == ("failed", 2, "audit.a")
    assert evidence["sample"] == {"columns": ["id"], "rows": [["1"], [None]], "masked": ["email"]}
    assert (evidence["sampled_run"], issue["dimension"]) == (1, "validity")
    assert [event["kind"] for event in issue["events"]] == ["opened"]


def test_the_last_rows_that_were_taken_stay_with_the_issue(sandbox: Sandbox) -> None:
    sampled = report(1, {"a": "failed"})
    rows = Sample(columns=("id",), rows=(("1",),))
    sandbox.take(replace(sampled, results=(replace(sampled.results[0], sample=rows),)))
    sandbox.take(report(2, {"a": "failed"}))

    evidence = sandbox.client.get("/api/v2/issues/1").json()["evidence"]

    assert (evidence["run"], evidence["sampled_run"], evidence["sample"]["rows"]) == (2, 1, [["1"]])


def test_an_issue_that_is_not_there_is_404(sandbox: Sandbox) -> None:
    assert sandbox.client.get("/api/v2/issues/7").status_code == 404
