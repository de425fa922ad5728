"""A run in parts: invisible until it is complete, then as if it had come in one piece."""

from __future__ import annotations

import gzip
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from factories import report
from qalita_ingest.contract import encode, idempotency_key
from qalita_ingest.sandbox import requests
from qalita_ingest.sandbox.routers.v2 import ingest
from sandboxes import Sandbox, open_sandbox, write_lock

if TYPE_CHECKING:
    import httpx2

STORES = ("sqlite", "postgresql")
RUN = report(1, {"a": "failed", "b": "passed"})
KEY = idempotency_key(RUN)
PACKED = gzip.compress(encode(RUN), mtime=0)
HALF = len(PACKED) // 2
PARTS = {1: PACKED[:HALF], 2: PACKED[HALF:]}


def put(sandbox: Sandbox, number: int | str, content: bytes, key: str = KEY) -> httpx2.Response:
    return sandbox.client.put(f"/api/v2/ingest/uploads/{key}/parts/{number}", content=content)


def put_all(sandbox: Sandbox) -> None:
    for number, content in PARTS.items():
        assert put(sandbox, number, content).status_code == 204


def complete(sandbox: Sandbox, parts: Any = 2, packed: bytes = PACKED, key: str = KEY) -> httpx2.Response:
    body = {"parts": parts, "sha256": hashlib.sha256(packed).hexdigest()}
    return sandbox.client.post(f"/api/v2/ingest/uploads/{key}/complete", json=body)


def kept_parts(sandbox: Sandbox) -> list[tuple[str, int]]:
    return sorted(sandbox.rows("select idempotency_key, number from upload_parts"))


def runs(sandbox: Sandbox) -> int:
    return len(sandbox.client.get("/api/v2/runs").json()["items"])


def test_nothing_is_seen_before_it_is_complete_and_nothing_is_left_after(sandbox: Sandbox) -> None:
    put_all(sandbox)
    assert (runs(sandbox), len(kept_parts(sandbox))) == (0, 2)

    response = complete(sandbox)

    assert (response.status_code, response.json()["new_results"]) == (201, 2)
    assert (runs(sandbox), kept_parts(sandbox)) == (1, [])


def test_the_answer_is_that_of_a_run_in_one_piece(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> None:

    put_all(sandbox)
    in_parts = complete(sandbox).json()
    with open_sandbox(tmp_path_factory.mktemp("other")) as other:
        whole = other.client.post("/api/v2/ingest/runs", content=encode(RUN)).json()

    assert in_parts == whole


def test_parts_come_in_any_order_and_again(sandbox: Sandbox) -> None:
    put(sandbox, 2, b"an earlier attempt")
    for number in (2, 1, 2):
        put(sandbox, number, PARTS[number])

    assert complete(sandbox).status_code == 201


def test_complete_again_gives_the_first_answer_again(sandbox: Sandbox) -> None:
    put_all(sandbox)
    first = complete(sandbox)

    again = complete(sandbox)

    assert (again.status_code, again.json()) == (200, first.json())
    assert first.json()["opened"]


def test_an_upload_that_begins_anew_after_success_gives_the_first_answer_again(sandbox: Sandbox) -> None:
    put_all(sandbox)
    first = complete(sandbox)
    put_all(sandbox)

    again = complete(sandbox)

    assert (again.status_code, again.json(), kept_parts(sandbox)) == (200, first.json(), [])


def test_other_content_under_a_known_key_is_refused_in_parts_too(sandbox: Sandbox) -> None:
    sandbox.take(RUN)
    other = gzip.compress(encode(report(1, {"a": "passed"})), mtime=0)
    put(sandbox, 1, other)

    response = complete(sandbox, 1, other)

    assert response.status_code == 422
    assert "other content" in response.json()["detail"]


def test_a_part_that_did_not_arrive_is_named(sandbox: Sandbox) -> None:
    put(sandbox, 2, PARTS[2])

    response = complete(sandbox, 3)

    assert (response.status_code, response.json()["missing"]) == (409, [1, 3])
    assert "retry-after" not in response.headers


def test_a_part_that_is_missing_of_a_known_run_is_named_while_others_are_there(sandbox: Sandbox) -> None:
    sandbox.take(RUN)
    put(sandbox, 2, b"of another content")

    assert complete(sandbox).status_code == 409


def test_parts_that_are_not_what_was_sent_are_kept_and_both_digests_named(sandbox: Sandbox) -> None:
    put(sandbox, 1, PARTS[1])
    put(sandbox, 2, b"changed on its way")

    response = complete(sandbox)

    found = hashlib.sha256(PARTS[1] + b"changed on its way").hexdigest()
    assert (response.status_code, response.json()["sha256"]) == (422, found)
    assert hashlib.sha256(PACKED).hexdigest() in response.json()["detail"]
    assert found in response.json()["detail"]
    assert len(kept_parts(sandbox)) == 2


def test_parts_of_an_attempt_that_was_cut_otherwise_do_no_harm(sandbox: Sandbox) -> None:
    put(sandbox, 3, b"more parts were needed then")
    put_all(sandbox)

    assert (complete(sandbox).status_code, kept_parts(sandbox)) == (201, [])


def test_a_run_that_comes_whole_in_the_end_leaves_no_parts(sandbox: Sandbox) -> None:
    put(sandbox, 1, PARTS[1])

    sandbox.take(RUN)

    assert kept_parts(sandbox) == []


def test_the_key_must_be_the_runs(sandbox: Sandbox) -> None:
    key = "0" * 64
    put(sandbox, 1, PACKED, key)

    response = complete(sandbox, 1, key=key)

    assert (response.status_code, runs(sandbox)) == (422, 0)
    assert "not this run's" in response.json()["detail"]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"no gzip", 400), (PACKED[:-5], 400), (PACKED + b"more", 400), (gzip.compress(b"{}", mtime=0), 400)],
)
def test_parts_that_make_no_report_are_refused(sandbox: Sandbox, content: bytes, status: int) -> None:
    put(sandbox, 1, content)

    assert (complete(sandbox, 1, content).status_code, runs(sandbox)) == (status, 0)


@pytest.mark.parametrize(
    ("key", "number"), [("0" * 63, 1), ("G" * 64, 1), ("A" * 64, 1), (KEY, 0), (KEY, 1025), (KEY, "one"), (KEY, 10**30)]
)
def test_an_odd_key_or_number_is_refused(sandbox: Sandbox, key: str, number: int | str) -> None:
    assert (put(sandbox, number, b"x", key).status_code, kept_parts(sandbox)) == (422, [])


@pytest.mark.parametrize("parts", [0, 1025, "two", None])
def test_an_odd_number_of_parts_is_refused(sandbox: Sandbox, parts: Any) -> None:
    assert complete(sandbox, parts).status_code == 422


def test_a_part_is_bounded(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "LARGEST_PART_BYTES", 10)

    assert put(sandbox, 1, b"x" * 10).status_code == 204
    assert put(sandbox, 2, b"x" * 11).status_code == 413
    assert put(sandbox, 2, b"").status_code == 400
    assert sandbox.client.get("/api/v2/ingest/capabilities").json()["largest_part_bytes"] == 10


def test_parts_together_are_bounded(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    put_all(sandbox)
    monkeypatch.setattr(requests, "LARGEST_BODY_BYTES", len(PACKED) - 1)

    assert complete(sandbox).status_code == 413


def test_what_was_abandoned_for_a_week_goes_when_another_upload_begins(sandbox: Sandbox) -> None:
    old, young, new = ("1" * 64, "2" * 64, "3" * 64)
    put(sandbox, 1, b"x", old)
    sandbox.now += timedelta(days=6)
    put(sandbox, 1, b"x", young)
    sandbox.now += timedelta(days=2)
    put(sandbox, 2, b"x", young)
    assert len(kept_parts(sandbox)) == 3

    put(sandbox, 1, b"x", new)

    assert kept_parts(sandbox) == [(young, 1), (young, 2), (new, 1)]


def test_a_run_that_is_being_taken_in_is_told_to_come_back(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    put_all(sandbox)
    with write_lock(sandbox.url), monkeypatch.context() as patch:
        patch.setattr(ingest, "PATIENCE_SECONDS", 0.1)
        for response in (sandbox.post(RUN), complete(sandbox)):
            assert (response.status_code, response.headers["retry-after"]) == (409, "1")

    assert complete(sandbox).status_code == 200
    assert (runs(sandbox), kept_parts(sandbox)) == (1, [])
