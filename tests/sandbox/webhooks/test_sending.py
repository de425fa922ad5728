"""Messages over a real socket: signed, tried again, given up, never in anybody's way."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from factories import report
from qalita_ingest.sandbox.embedded import embedded_sandbox
from qalita_ingest.sandbox.webhooks import exchange, sender
from qalita_ingest.sandbox.webhooks.deliveries import LONGEST_WAIT, MOST_ATTEMPTS, forget_old, wait_after
from sandboxes import Sandbox, open_sandbox
from servers import Answer, Call, dribbling, saying, serving
from store_templates import variables_of
from webhook_receivers import NOWHERE, add_webhook, deliveries, is_signed, message, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
GOOD, BAD = {"a": "passed"}, {"a": "failed"}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "PAUSE_SECONDS", 0.02)


@pytest.fixture
def ready(short_pauses: None, sandbox: Sandbox) -> Sandbox:
    """With a run of its project, so that a webhook can be added."""
    sandbox.take(report(1, GOOD))
    return sandbox


def state(sandbox: Sandbox) -> tuple[str, int, int | None]:
    """Status, attempts and last HTTP status of the only message."""
    (one,) = deliveries(sandbox)
    return one["status"], one["attempts"], one["last_status"]


def test_a_message_is_signed_as_the_specification_says(ready: Sandbox) -> None:
    with serving(saying(204)) as receiver:
        secret = add_webhook(ready, f"{receiver.url}/hook?of=mine")["secret"]
        ready.take(report(2, BAD))
        until(lambda: state(ready) == ("delivered", 1, 204))

    (call,) = receiver.calls
    assert (call.path, call.headers["content-type"]) == ("/hook?of=mine", "application/json")
    assert message(call)["type"] == "issue.opened"
    assert is_signed(call, secret)
    assert int(call.headers["webhook-timestamp"]) == int(ready.now.timestamp())
    assert not is_signed(Call(call.path, call.headers, call.body + b" "), secret)


def test_a_message_that_met_an_error_goes_again_with_the_same_id_and_arrives_once(ready: Sandbox) -> None:
    with serving(saying(500, 200)) as receiver:
        secret = add_webhook(ready, receiver.url)["secret"]
        ready.take(report(2, BAD))
        until(lambda: state(ready) == ("pending", 1, 500))
        ready.now += timedelta(seconds=6)
        until(lambda: state(ready) == ("delivered", 2, 200))
        ready.now += timedelta(days=2)
        assert_quiet(receiver.calls)

    first, second = receiver.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 6
    assert is_signed(second, secret)


def assert_quiet(calls: list[Call]) -> None:
    """Nothing more comes within many pauses of the sender."""
    before = len(calls)
    threading.Event().wait(20 * sender.PAUSE_SECONDS)
    assert len(calls) == before


def test_after_the_last_attempt_a_message_has_failed(ready: Sandbox) -> None:
    with serving(saying(503)) as receiver:
        add_webhook(ready, receiver.url)
        ready.take(report(2, BAD))
        for attempt in range(1, MOST_ATTEMPTS):
            until(lambda attempt=attempt: state(ready) == ("pending", attempt, 503))
            ready.now += LONGEST_WAIT
        until(lambda: state(ready) == ("failed", MOST_ATTEMPTS, 503))
        ready.now += LONGEST_WAIT
        assert_quiet(receiver.calls)

    assert len(receiver.calls) == MOST_ATTEMPTS
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1


def test_waits_grow_to_ten_hours_and_all_attempts_take_about_a_day() -> None:
    waits = [wait_after(attempts) for attempts in range(1, MOST_ATTEMPTS)]

    assert waits[:-1] == sorted(waits[:-1])
    assert timedelta(seconds=4.5) <= waits[0] <= timedelta(seconds=5.5)
    assert max(waits) <= timedelta(hours=10)
    assert timedelta(hours=21) < sum(waits, timedelta()) < timedelta(hours=23)


def test_a_receiver_may_ask_to_wait_longer(ready: Sandbox) -> None:
    with serving(lambda _call: (429, b"", {"Retry-After": "3600"})) as receiver:
        add_webhook(ready, receiver.url)
        ready.take(report(2, BAD))
        until(lambda: state(ready) == ("pending", 1, 429))

    (one,) = deliveries(ready)
    assert datetime.fromisoformat(one["next_attempt_at"]) == ready.now + timedelta(hours=1)


def test_a_receiver_that_is_gone_is_told_nothing_more(ready: Sandbox) -> None:
    with serving(saying(410)) as receiver:
        add_webhook(ready, receiver.url, score_below=0.9)
        ready.take(report(2, BAD))
        until(lambda: {one["status"] for one in deliveries(ready)} == {"failed"})
        ready.take(report(3, GOOD))
        assert_quiet(receiver.calls)

    assert len(receiver.calls) == 1
    assert len(deliveries(ready)) == 2
    (webhook,) = ready.client.get("/api/v2/webhooks").json()["items"]
    assert webhook["disabled_at"] is not None
    assert ready.client.post("/api/v2/webhooks/1/test").status_code == 409


def test_a_redirect_is_not_followed(ready: Sandbox) -> None:
    with serving(saying(204)) as elsewhere:
        with serving(lambda _call: (307, b"", {"Location": elsewhere.url})) as receiver:
            add_webhook(ready, receiver.url)
            ready.take(report(2, BAD))
            until(lambda: state(ready) == ("pending", 1, 307))

    assert elsewhere.calls == []


def test_a_receiver_that_is_not_there_is_named_by_what_failed(ready: Sandbox) -> None:
    add_webhook(ready, NOWHERE)
    ready.take(report(2, BAD))
    until(lambda: state(ready) == ("pending", 1, None))

    (one,) = deliveries(ready)
    assert "refused" in one["last_error"]
    assert "\n" not in one["last_error"]


def test_an_answer_that_dribbles_is_given_up(ready: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "LONGEST_EXCHANGE_SECONDS", 0.3)
    with dribbling(b"HTTP/1.1 200 OK\r\nX-Long: ") as url:
        add_webhook(ready, url)
        ready.take(report(2, BAD))
        until(lambda: state(ready) == ("pending", 1, None))

    assert "no whole answer" in deliveries(ready)[0]["last_error"]


def test_nothing_of_an_answer_is_kept_but_its_status(ready: Sandbox) -> None:
    with serving(lambda _call: (500, b"planted-words", {"X-Planted": "planted-words"})) as receiver:
        add_webhook(ready, receiver.url)
        ready.take(report(2, BAD))
        until(lambda: state(ready) == ("pending", 1, 500))

    assert "planted-words" not in str(ready.rows("select * from webhook_deliveries"))
    assert deliveries(ready)[0]["last_error"] == "HTTP 500"


def held_until(is_over: threading.Event) -> Callable[[Call], Answer]:
    def answer(_call: Call) -> Answer:
        is_over.wait(20)
        return 200, b""

    return answer


def test_a_slow_receiver_holds_back_neither_runs_nor_others(ready: Sandbox) -> None:
    is_over = threading.Event()
    with serving(held_until(is_over)) as slow, serving(saying(204)) as quick:
        add_webhook(ready, slow.url)
        add_webhook(ready, quick.url)
        ready.take(report(2, BAD))
        until(lambda: slow.calls)
        ready.take(report(3, GOOD))
        until(lambda: len(quick.calls) == 2)
        assert len(slow.calls) == 1
        is_over.set()
        until(lambda: len(slow.calls) == 2)

    assert [message(call)["type"] for call in slow.calls] == ["issue.opened", "issue.resolved"]


def test_a_message_of_a_webhook_that_is_removed_meanwhile_goes_with_it(ready: Sandbox) -> None:
    is_over = threading.Event()
    with serving(held_until(is_over)) as slow:
        add_webhook(ready, slow.url, score_below=0.9)
        ready.take(report(2, BAD))
        until(lambda: slow.calls)
        assert ready.client.delete("/api/v2/webhooks/1").status_code == 204
        is_over.set()
        assert_quiet(slow.calls)

    assert ready.rows("select count(*) from webhook_deliveries") == [(0,)]


def test_a_ping_is_sent_on_request(ready: Sandbox) -> None:
    with serving(saying(200)) as receiver:
        secret = add_webhook(ready, receiver.url)["secret"]
        sent = ready.client.post("/api/v2/webhooks/1/test").json()
        until(lambda: state(ready) == ("delivered", 1, 200))

    (call,) = receiver.calls
    assert call.headers["webhook-id"] == sent["id"]
    assert (message(call)["type"], message(call)["data"]) == ("ping", {"project": "opendata_dbt"})
    assert is_signed(call, secret)


def test_what_an_ingest_without_a_server_records_is_sent_by_the_next_server(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    url = variables_of(settings).get("QALITA_DATABASE_URL")
    with open_sandbox(settings.store, settings.url) as served:
        served.take(report(1, GOOD))
        with serving(saying(204)) as receiver:
            add_webhook(served, receiver.url)
            served.client.app.state.webhooks.stop()
            with embedded_sandbox(settings.store, url) as embedded:
                embedded.take(report(2, BAD))
            assert_quiet(receiver.calls)
            assert state(served) == ("pending", 0, None)
            # It came by the clock of the machine.
            served.now = datetime.fromisoformat(deliveries(served)[0]["created_at"])
            served.client.app.state.webhooks.start()
            until(lambda: state(served) == ("delivered", 1, 204))

    assert len(receiver.calls) == 1


def test_messages_that_ended_are_forgotten_after_thirty_days(ready: Sandbox) -> None:
    with serving(saying(200, 500)) as receiver:
        add_webhook(ready, receiver.url)
        for hour, statuses in ((2, BAD), (3, GOOD)):
            ready.take(report(hour, statuses))
            until(lambda: deliveries(ready)[-1]["attempts"] == 1)
    ready.client.app.state.webhooks.stop()

    with ready.client.app.state.database.writing() as session:
        forget_old(session, ready.now + timedelta(days=31))

    assert [one["status"] for one in deliveries(ready)] == ["pending"]
