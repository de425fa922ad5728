"""The threads of a server that send what is recorded."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from qalita_ingest.sandbox.database import words_for
from qalita_ingest.sandbox.webhooks.deliveries import claim_next, due_webhooks, forget_old, settle
from qalita_ingest.sandbox.webhooks.exchange import new_client, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import httpx2

    from qalita_ingest.sandbox.database import Database
    from qalita_ingest.sandbox.webhooks.deliveries import Claim, Outcome

# Also what an ingest without a server has recorded is found by looking.
PAUSE_SECONDS = 1.0
# When the store can't be read: what is wrong with it is told so often.
LONG_PAUSE_SECONDS = 20.0
FORGET_SECONDS = 3600.0
# A receiver that is slow delays its own messages only, as long as there are no more than these.
MOST_AT_ONCE = 8

log = logging.getLogger(__name__)


class WebhookSender:
    """One thread looks for what is due; each webhook's messages go in a thread of their own, one after the other.

    None of them is waited for at the end: a message that was cut off goes again, with the same id.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._busy: set[int] = set()
        self._client: httpx2.Client | None = None

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        forgot_at: float | None = None
        while not self._stopping.is_set():
            if forgot_at is None or time.monotonic() - forgot_at > FORGET_SECONDS:
                self._without_end(self._forget)
                forgot_at = time.monotonic()
            is_well = self._without_end(self._start_due)
            self._stopping.wait(PAUSE_SECONDS if is_well else LONG_PAUSE_SECONDS)

    def _forget(self) -> None:
        with self._database.writing() as session:
            forget_old(session, self._clock())

    def _start_due(self) -> None:
        with self._database.reading() as session:
            due = due_webhooks(session, self._clock())
        for webhook_id in due:
            if webhook_id not in self._busy and len(self._busy) < MOST_AT_ONCE:
                self._client = self._client or new_client()
                self._busy.add(webhook_id)
                threading.Thread(target=self._deliver, args=(webhook_id, self._client), daemon=True).start()

    def _deliver(self, webhook_id: int, client: httpx2.Client) -> None:
        """All that is due. One transaction between two messages: what came of the last, and which is next."""

        def deliver() -> None:
            claim = self._next(webhook_id)
            while claim:
                outcome = send(client, claim, self._clock())
                if not outcome.is_delivered:
                    log.warning("webhook %d, message %s: %s", webhook_id, claim.message_id, outcome.error)
                claim = self._next(webhook_id, (claim, outcome))

        try:
            self._without_end(deliver)
        finally:
            self._busy.discard(webhook_id)

    def _next(self, webhook_id: int, ended: tuple[Claim, Outcome] | None = None) -> Claim | None:
        with self._database.writing() as session:
            now = self._clock()
            if ended:
                settle(session, *ended, now)
            return None if self._stopping.is_set() else claim_next(session, webhook_id, now)

    def _without_end(self, action: Callable[[], None]) -> bool:
        """Threads outlive every failure; a message whose outcome could not be written goes again."""
        try:
            action()
        except SQLAlchemyError as error:
            log.warning("webhooks: %s", words_for(error))
        except Exception:
            log.exception("webhooks failed")
        else:
            return True
        return False
