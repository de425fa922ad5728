"""One message to its receiver, over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qalita_ingest.sandbox.webhooks.deliveries import Outcome
from qalita_ingest.sandbox.webhooks.signature import signed_headers

if TYPE_CHECKING:
    from datetime import datetime

    import httpx2

    from qalita_ingest.sandbox.webhooks.deliveries import Claim

# For the whole exchange, however slowly the receiver answers.
LONGEST_EXCHANGE_SECONDS = 15.0
LONGEST_ERROR = 200
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def new_client() -> httpx2.Client:
    # Late: it reads all certificates, and most stores have no webhook.
    from qalita_ingest.punctual import PunctualClient  # noqa: PLC0415

    # Nobody but the receiver that was named gets a message: no redirects.
    return PunctualClient(
        timeout=LONGEST_EXCHANGE_SECONDS,
        longest_exchange_seconds=LONGEST_EXCHANGE_SECONDS,
        follow_redirects=False,
        headers={"User-Agent": "qalita-sandbox-webhooks"},
    )


def send(client: httpx2.Client, claim: Claim, now: datetime) -> Outcome:
    """Nothing of the answer is read but its status and how long it asks to wait."""
    import httpx2  # noqa: PLC0415 (late, as above)

    from qalita_ingest.retry_after import wait_asked  # noqa: PLC0415

    headers = {"Content-Type": "application/json", **signed_headers(claim.secret, claim.message_id, now, claim.body)}
    try:
        with client.stream("POST", claim.url, content=claim.body, headers=headers) as response:
            status = response.status_code
            asked = wait_asked(response.headers)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        return Outcome(error=_in_a_line(error))
    return Outcome(status, None if response.is_success else f"HTTP {status}", asked)


def _in_a_line(error: Exception) -> str:
    words = _UNPRINTABLE.sub(" ", str(error)).strip()
    return (words or type(error).__name__)[:LONGEST_ERROR]
