"""The server as users start it, killed while it sends: the message is not lost, and not another one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx2
from sqlalchemy import create_engine, text

from factories import report
from qalita_ingest.contract import encode
from server_process import ServerProcess, server_process
from servers import Answer, Call, serving
from store_dump import rows_of
from webhook_receivers import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")


def post(server: ServerProcess, path: str, **body: object) -> httpx2.Response:
    return httpx2.post(f"{server.url}/api/v2{path}", timeout=30, **body).raise_for_status()


def end_lease(server: ServerProcess) -> None:
    """As if its minute had passed."""
    engine = create_engine(server.rows)
    with engine.begin() as store:
        store.execute(text("update webhook_deliveries set next_attempt_at = created_at where status = 'pending'"))
    engine.dispose()


def test_a_message_whose_sending_was_killed_goes_again_with_its_id(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    settings.store.mkdir(exist_ok=True)
    is_over = threading.Event()

    def answer(call: Call) -> Answer:
        if len(receiver.calls) == 1:
            is_over.wait(20)
        return 204, b""

    with serving(answer) as receiver, server_process(settings.store, database_url=settings.url) as server:
        post(server, "/ingest/runs", content=encode(report(1, {"a": "passed"})))
        wish = {"project": "opendata_dbt", "url": f"{receiver.url}/planted-address"}
        secret = post(server, "/webhooks", json=wish).json()["secret"]
        post(server, "/ingest/runs", content=encode(report(2, {"a": "failed"})))
        until(lambda: receiver.calls)
        server.kill()
        is_over.set()
        assert rows_of(server.rows, "select status, attempts from webhook_deliveries") == [("pending", 0)]
        end_lease(server)
        server.start()
        until(lambda: rows_of(server.rows, "select status from webhook_deliveries") == [("delivered",)])
        log = (settings.store.parent / "server.log").read_text()

    first, second = receiver.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert secret not in log
    assert "planted-address" not in log
