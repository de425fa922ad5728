"""What packs found: kept as it came, and read as far as it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import UploadedMetric as Metric

if TYPE_CHECKING:
    from sandbox.clients.conftest import Caller

STORES = ("sqlite", "postgresql")
SCOPE = {"perimeter": "dataset", "value": "air"}


def test_a_document_belongs_to_the_job_of_its_source_and_pack_that_was_started_last(ready: Caller) -> None:
    ready.pack()
    for fields in ({}, {}, {"pack_id": 2}):
        ready.job(status="running", **fields)

    answers = [ready.document("metrics", [], pack_id=pack).json() for pack in (1, 2)]

    assert [one["job_id"] for one in answers] == [2, 3]


def test_without_a_running_job_a_document_belongs_to_none(ready: Caller) -> None:
    ready.job(status="succeeded")

    answer = ready.document("metrics", [{"key": "score", "value": 1}]).json()

    assert (answer["job_id"], answer["accepted"]) == (None, 1)


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        ("0.75", "0.75", 0.75),
        (12, "12", 12),
        ("many", "many", None),
        (True, "true", None),
        (None, None, None),
        ([1], "[1]", None),
        ("1e999", "1e999", None),
        ("a\x00b\ud800", "a\ufffdb?", None),
    ],
)
def test_a_metric_is_kept_as_text_and_as_a_number_where_it_is_one(
    ready: Caller, value: Any, text: str | None, number: float | None
) -> None:
    ready.document("metrics", [{"key": "k", "value": value, "scope": SCOPE}])

    assert metrics(ready) == [("k", text, number, "dataset", "air")]


def metrics(caller: Caller) -> list[tuple[Any, ...]]:
    columns = (Metric.key, Metric.value, Metric.number, Metric.perimeter, Metric.scope_value)
    with caller.sandbox.client.app.state.database.reading() as session:
        return [tuple(row) for row in session.execute(select(*columns))]


def test_not_a_number_is_read_as_python_writes_it(ready: Caller) -> None:
    answer = ready.document("metrics", b'[{"key": "k", "value": NaN}]')

    assert (answer.status_code, metrics(ready)) == (200, [("k", "NaN", None, None, None)])


@pytest.mark.parametrize("kind", ["metrics", "recommendations", "schemas", "figures"])
def test_entries_that_cannot_be_read_are_named_and_the_others_kept(ready: Caller, kind: str) -> None:
    good = {"key": "k", "value": "v", "content": "c"}

    answer = ready.document(kind, [good, "text", 7, None]).json()

    assert (answer["accepted"], [one["key"] for one in answer["rejected"]]) == (1, ["1", "2", "3"])


def test_a_document_that_is_no_list_is_kept_without_entries(ready: Caller) -> None:
    answer = ready.document("schemas", {"key": "k"}).json()

    assert (answer["accepted"], answer["rejected"][0]["error"]) == (0, "expected a list, found an object")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000], ids=["empty", "cut", "no text", "deep"])
def test_what_is_no_json_is_refused(ready: Caller, content: bytes) -> None:
    assert ready.document("metrics", content).status_code == 422


@pytest.mark.parametrize("query", [{"source_id": 9}, {"pack_id": 9}, {"source_id": "x"}])
def test_a_document_of_nothing_that_is_there_is_refused(ready: Caller, query: dict[str, Any]) -> None:
    assert ready.document("metrics", [], **query).status_code == 422
