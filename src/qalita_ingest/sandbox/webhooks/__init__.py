"""Webhooks: other programs are told of a project's issues and score, as the Standard Webhooks specification has it.

What a run changes is recorded in the transaction that takes it in, one message for each webhook and change; the thread
of a server sends what is recorded. So no message is lost or made twice, whatever ends in between. One whose sending
was cut off is sent again, with the same id.
"""

from qalita_ingest.sandbox.webhooks.messages import ISSUE_EVENTS, IssueEvent
from qalita_ingest.sandbox.webhooks.recording import record_changes, record_ping
from qalita_ingest.sandbox.webhooks.registry import add_webhook, checked_url, remove_webhook
from qalita_ingest.sandbox.webhooks.sender import WebhookSender

__all__ = [
    "ISSUE_EVENTS",
    "IssueEvent",
    "WebhookSender",
    "add_webhook",
    "checked_url",
    "record_changes",
    "record_ping",
    "remove_webhook",
]
