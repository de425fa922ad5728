"""The sandbox in this process takes what the route takes, and refuses in words for the command line."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import msgspec
import pytest

from factories import report
from qalita_ingest.contract import IngestAnswer, encode
from qalita_ingest.delivery import Entry
from qalita_ingest.errors import KeptInOutboxError, RejectedError
from qalita_ingest.sandbox.database import dialects
from qalita_ingest.sandbox.embedded import embedded_sandbox
from sandboxes import open_sandbox, write_lock
from store_dump import full_dump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from qalita_ingest.sandbox.embedded import EmbeddedSandbox
    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
RUN = report(2, {"a": "failed", "b": "passed"})


def embedded(settings: Settings) -> AbstractContextManager[EmbeddedSandbox]:
    """As the command line opens it: the URL is what `QALITA_DATABASE_URL` holds."""
    url = settings.url.render_as_string(hide_password=False) if settings.url else None
    return embedded_sandbox(settings.store, url)


@pytest.fixture
def sandbox(new_store: Callable[[], Settings]) -> Iterator[EmbeddedSandbox]:
    with embedded(new_store()) as opened:
        yield opened


def test_a_run_leaves_the_store_that_the_route_leaves(new_store: Callable[[], Settings]) -> None:
    ours, theirs = new_store(), new_store()
    with embedded(ours) as sandbox:
        mine = sandbox.take(RUN)
    with open_sandbox(theirs.store, theirs.url) as served:
        answered = served.take(RUN)

    assert without_time(mine) == without_time(answered)
    assert full_dump(ours.database_url) == full_dump(theirs.database_url)


def without_time(answer: IngestAnswer) -> IngestAnswer:
    return msgspec.structs.replace(answer, delivered_at=None)  # type: ignore[arg-type]


def test_the_first_run_makes_the_tables(empty_store: Settings) -> None:
    with embedded(empty_store) as sandbox:
        assert sandbox.take(RUN).outcome == "accepted"


def test_a_run_that_is_there_is_answered_as_such(sandbox: EmbeddedSandbox) -> None:
    first, again = sandbox.take(RUN), sandbox.take(RUN)

    assert (first.outcome, again.outcome) == ("accepted", "already_delivered")
    assert again.delivered_at == first.delivered_at


def test_a_store_that_another_program_writes_keeps_the_run_waiting(
    new_store: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = new_store()
    monkeypatch.setattr(dialects, "BUSY_TIMEOUT_MILLISECONDS", 50)
    with embedded(settings) as sandbox:
        with (
            write_lock(settings.database_url),
            pytest.raises(KeptInOutboxError, match=r"used just now: .*(locked|lock timeout); the run is kept"),
        ):
            sandbox.take(RUN)
        assert sandbox.take(RUN).outcome == "accepted"


def test_the_same_run_with_other_content_is_refused(sandbox: EmbeddedSandbox) -> None:
    sandbox.take(RUN)

    with pytest.raises(RejectedError, match="rejected the run: this run was delivered before with other content"):
        sandbox.take(report(2, {"a": "passed", "b": "passed"}))


def test_a_run_that_names_what_it_does_not_hold_is_refused(sandbox: EmbeddedSandbox) -> None:
    with pytest.raises(RejectedError, match=r"rejected the run: check .* is named and not defined"):
        sandbox.take(msgspec.structs.replace(RUN, checks=()))


def test_the_client_without_a_socket_sees_what_was_taken_in(sandbox: EmbeddedSandbox) -> None:
    sandbox.take(RUN)

    assert [issue["status"] for issue in sandbox.client.get("/api/v2/issues").json()] == ["open"]


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
