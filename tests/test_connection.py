"""Which QALITA is meant, and in which way it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories import report
from qalita_ingest.connection import Via, choose_endpoint, connect
from qalita_ingest.delivery import Endpoint, V2Route, deliver
from qalita_ingest.errors import RejectedError, SettingsError
from servers import like, serving

if TYPE_CHECKING:
    from pathlib import Path

    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
URL = "https://qalita.example.org"
SET = {"QALITA_AGENT_ENDPOINT": URL}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", str(tmp_path / "store"))


@pytest.mark.parametrize(
    ("flag", "via", "environ", "chosen"),
    [
        (None, None, {}, None),
        (None, None, SET, Endpoint(URL)),
        ("http://h", None, SET, Endpoint("http://h")),
        (None, "v2", SET, Endpoint(URL)),
        ("http://h", "upload", {}, Endpoint("http://h")),
        (None, "embedded", {}, None),
        (None, "embedded", SET, None),
    ],
)
def test_the_endpoint_of_each_way(
    flag: str | None, via: Via | None, environ: dict[str, str], chosen: Endpoint | None
) -> None:
    assert choose_endpoint(flag, via, environ) == chosen


@pytest.mark.parametrize(
    ("flag", "via", "message"),
    [
        ("http://h", "embedded", "--via embedded and --endpoint contradict each other"),
        (None, "v2", r"--via v2: no server is named; give --endpoint, or set QALITA_AGENT_ENDPOINT"),
        (None, "upload", "--via upload: no server is named"),
    ],
)
def test_what_contradicts_itself_is_said(flag: str | None, via: Via, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        choose_endpoint(flag, via, {})


def test_the_embedded_sandbox_is_asked_nothing_and_takes_a_run(named_store: Settings) -> None:
    with connect() as qalita:
        answer = deliver(report(1, {"a": "failed"}), qalita.outbox, qalita.route).answer

    assert (answer.outcome, qalita.place) == ("accepted", named_store.place)


def test_a_server_is_asked_what_it_can_do(sandbox: Sandbox) -> None:
    with serving(like(sandbox.client)) as server, connect(server.url) as qalita:
        deliver(report(1, {"a": "failed"}), qalita.outbox, qalita.route)

    assert [call.method for call in server.calls] == ["GET", "POST"]


@pytest.mark.parametrize("via", [None, "v2"])
def test_a_platform_without_v2_ingestion_is_never_sent_an_upload_silently(via: Via | None) -> None:
    with serving(lambda _call: (404, b"")) as server, connect(server.url, via) as qalita:
        assert isinstance(qalita.route, V2Route)
        with pytest.raises(RejectedError, match="use --via upload"):
            deliver(report(1, {"a": "failed"}), qalita.outbox, qalita.route)

    assert len(server.calls) == 1


def test_the_upload_way_says_what_it_needs() -> None:
    with pytest.raises(SettingsError, match="QALITA_SOURCE_ID"), connect("http://127.0.0.1:9", "upload"):
        pass
