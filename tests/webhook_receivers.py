"""What tests of webhooks share: a webhook on a sandbox, its messages, and the specification's signature, done again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandboxes import Sandbox
    from servers import Call

PATIENCE_SECONDS = 20
# Nobody listens there, and nothing is sent by tests that name it: they stop the sender.
NOWHERE = "http://127.0.0.1:9/hook"


def add_webhook(sandbox: Sandbox, url: str = NOWHERE, **wish: Any) -> dict[str, Any]:
    """The answer of the route, with the secret."""
    response = sandbox.client.post("/api/v2/webhooks", json={"project": "opendata_dbt", "url": url} | wish)
    assert response.status_code == 201, response.text
    added: dict[str, Any] = response.json()
    return added


def deliveries(sandbox: Sandbox, webhook: int = 1) -> list[dict[str, Any]]:
    """The oldest first."""
    answer = sandbox.client.get(f"/api/v2/webhooks/{webhook}/deliveries", params={"limit": 200}).json()
    return list(reversed(answer["items"]))


def until(is_so: Callable[[], Any]) -> None:
    """Waits for it, within bounds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def is_signed(call: Call, secret: str) -> bool:
    """As the specification has it: base64 of HMAC-SHA256 over `id.timestamp.body`, under what is behind `whsec_`."""
    prefix, _, encoded = secret.partition("_")
    assert prefix == "whsec"
    content = b".".join([call.headers["webhook-id"].encode(), call.headers["webhook-timestamp"].encode(), call.body])
    signature = hmac.new(base64.b64decode(encoded, validate=True), content, hashlib.sha256).digest()
    return call.headers["webhook-signature"] == "v1," + base64.b64encode(signature).decode()


def message(call: Call) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(call.body)
    return content
