"""What a wrong request is told: the field, and what is expected there, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandboxes import Sandbox

SQLITE_ONLY = "each request is refused before the store is asked"
BODIES = (
    "/api/v2/issues/1/comment",
    "/api/v1/sources/publish",
    "/api/v2/jobs/create",
    "/api/v2/workers/create",
    "/api/v2/ingest/runs",
)
AS_JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("content", [b"", b"{", b"{'a': 1}", b"nothing", b"\xff\xfe"])
@pytest.mark.parametrize("path", BODIES)
def test_a_body_that_is_no_json_is_400(sandbox: Sandbox, path: str, content: bytes) -> None:
    refused = sandbox.client.post(path, content=content, headers=AS_JSON)

    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("path", BODIES[:-1])
def test_a_body_of_another_type_is_400_and_says_which_is_expected(sandbox: Sandbox, path: str) -> None:
    refused = sandbox.client.post(path, content=b"{}", headers={"Content-Type": "text/plain"})

    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "the body is no JSON: expected Content-Type: application/json",
    )


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("/api/v2/issues/1/comment", [], "the body: expected an object"),
        ("/api/v2/issues/1/comment", {"text": 1, "actor": "x"}, "text: expected text"),
        ("/api/v2/jobs/create", {"source_id": "x", "pack_id": 1}, "source_id: expected a whole number"),
        ("/api/v2/jobs/create", {"source_id": 0, "pack_id": 1}, "source_id: expected a number of at least 1"),
        ("/api/v2/jobs/create", {"source_id": 1}, "pack_id: missing"),
        (
            "/api/v2/jobs/create",
            {"source_id": 1, "pack_id": 1, "status": "x"},
            "status: expected 'pending', 'running', 'succeeded' or 'failed'",
        ),
        (
            "/api/v2/jobs/create",
            {"source_id": 1, "pack_id": 1, "pack_config_override": 1},
            "pack_config_override: expected text or an object",
        ),
        (
            "/api/v2/jobs/create",
            {"source_id": 1, "pack_id": 1, "start_date": "x"},
            "start_date: expected a time as 2026",
        ),
        ("/api/v1/sources/publish", {"name": "a", "type": "b", "sensitive": "x"}, "sensitive: expected true or false"),
        ("/api/v1/packs/publish", {"name": "a", "compatible_sources": 1}, "compatible_sources: expected a list"),
    ],
)
def test_a_value_that_is_none_is_told_in_plain_words(sandbox: Sandbox, path: str, body: Any, detail: str) -> None:
    refused = sandbox.client.post(path, json=body)

    assert refused.status_code == 422
    assert refused.json()["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/api/v2/runs/x", "run_id: expected a whole number"),
        ("/api/v2/runs/0", "run_id: expected a number of at least 1"),
        ("/api/v2/runs?limit=0", "limit: expected a number of at least 1"),
        ("/api/v2/checks", "project: missing"),
        ("/api/v2/issues?status=x", "status: expected 'open', 'resolved' or 'muted'"),
        ("/issues.json?status=x", "status: expected 'open', 'resolved', 'muted' or 'all' or nothing"),
    ],
)
def test_a_wrong_address_is_told_in_plain_words(sandbox: Sandbox, path: str, detail: str) -> None:
    refused = sandbox.client.get(path)

    assert (refused.status_code, refused.json()["detail"]) == (422, detail)


def test_an_address_of_nothing_is_told_with_where_to_look(sandbox: Sandbox) -> None:
    missing = sandbox.client.get("/api/v2/rans?token=x")

    assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")
    assert missing.json()["detail"] == (
        "there is nothing at /api/v2/rans; /docs lists the addresses of the API, /overview is the first page"
    )


def test_a_method_that_an_address_does_not_take_is_told_with_those_that_it_takes(sandbox: Sandbox) -> None:
    refused = sandbox.client.delete("/api/v2/runs")

    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert refused.json()["detail"] == "/api/v2/runs does not take DELETE; expected GET"
