"""The sandbox in this process takes what the route takes, and refuses in words for the command line."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest

from factories import report
from qalita_ingest.contract import IngestAnswer, encode
from qalita_ingest.delivery import Entry
from qalita_ingest.errors import KeptInOutboxError, RejectedError
from qalita_ingest.sandbox.database import dialects
from qalita_ingest.sandbox.embedded import embedded_sandbox
from sandboxes import open_sandbox
from store_dump import full_dump

if TYPE_CHECKING:
    from pathlib import Path

RUN = report(2, {"a": "failed", "b": "passed"})


def test_a_run_leaves_the_store_that_the_route_leaves(tmp_path: Path) -> None:
    with embedded_sandbox(tmp_path / "embedded") as sandbox:
        mine = sandbox.take(RUN)
    with open_sandbox(tmp_path / "served") as served:
        theirs = served.take(RUN)

    assert without_time(mine) == without_time(theirs)
    assert full_dump(tmp_path / "embedded" / "qalita.db") == full_dump(tmp_path / "served" / "qalita.db")


def without_time(answer: IngestAnswer) -> IngestAnswer:
    return msgspec.structs.replace(answer, delivered_at=None)  # type: ignore[arg-type]


def test_a_run_that_is_there_is_answered_as_such(tmp_path: Path) -> None:
    with embedded_sandbox(tmp_path) as sandbox:
        first, again = sandbox.take(RUN), sandbox.take(RUN)

    assert (first.outcome, again.outcome) == ("accepted", "already_delivered")
    assert again.delivered_at == first.delivered_at


def test_a_store_that_another_program_writes_keeps_the_run_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "BUSY_TIMEOUT_MILLISECONDS", 50)
    with embedded_sandbox(tmp_path) as sandbox, closing(sqlite3.connect(tmp_path / "qalita.db")) as other:
        other.execute("begin immediate")
        with pytest.raises(KeptInOutboxError, match=r"used just now: database is locked; the run is kept"):
            sandbox.take(RUN)
        other.rollback()
        assert sandbox.take(RUN).outcome == "accepted"


def test_the_same_run_with_other_content_is_refused(tmp_path: Path) -> None:
    with embedded_sandbox(tmp_path) as sandbox:
        sandbox.take(RUN)
        with pytest.raises(RejectedError, match="rejected the run: this run was delivered before with other content"):
            sandbox.take(report(2, {"a": "passed", "b": "passed"}))


def test_a_run_that_names_what_it_does_not_hold_is_refused(tmp_path: Path) -> None:
    with (
        embedded_sandbox(tmp_path) as sandbox,
        pytest.raises(RejectedError, match=r"rejected the run: check .* is named and not defined"),
    ):
        sandbox.take(msgspec.structs.replace(RUN, checks=()))


def test_a_kept_file_is_read_when_the_run_itself_is_gone(tmp_path: Path) -> None:
    assert Entry(tmp_path / "run.json.gz", gzip.compress(encode(RUN))).read() == RUN


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"{}"), gzip.compress(encode(RUN))[:-9], b"no gzip"],
    ids=["another object", "cut off", "no gzip"],
)
def test_a_kept_file_that_holds_no_report_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RejectedError, match=r"^run\.json\.gz holds no run report: "):
        Entry(tmp_path / "run.json.gz", content).read()
