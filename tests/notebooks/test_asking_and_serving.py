"""What a notebook asks its QALITA, and the server that it can start: real ones, over one store."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING
from urllib.error import URLError

import pytest

import factories
from qalita_ingest import send
from qalita_walkthrough import SandboxServer, ask
from qalita_walkthrough.plain_errors import WalkthroughError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("QALITA_AGENT_ENDPOINT", "QALITA_WORKER_ENDPOINT", "QALITA_API_URL", "QALITA_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QALITA_STORE", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("store")
def test_asking_answers_what_the_interface_does() -> None:
    report = factories.report(1, {"unit_is_known": "passed"})
    send(report)
    assert [run["project"] for run in ask("/api/v2/runs", limit=5)["items"]] == [report.project]
    assert ask("/api/v2/runs", project="another")["items"] == []


@pytest.mark.usefixtures("store")
def test_a_question_that_has_no_answer_is_one_line() -> None:
    with pytest.raises(WalkthroughError, match=r"^QALITA: [^\n]+$"):
        ask("/api/v2/runs/999")


@pytest.mark.usefixtures("store")
def test_a_server_serves_the_same_store_from_start_to_stop() -> None:
    server = SandboxServer()
    with pytest.raises(URLError):
        urllib.request.urlopen(server.address, timeout=2)  # noqa: S310 (loopback)
    address = server.address
    server.start()
    try:
        assert server.address == address
        send(factories.report(1, {"unit_is_known": "passed"}), endpoint=address)
        assert len(ask("/api/v2/runs")["items"]) == 1
    finally:
        server.stop()
    with pytest.raises(URLError):
        urllib.request.urlopen(address, timeout=2)  # noqa: S310 (loopback)
