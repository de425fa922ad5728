"""To QALITA, and safely: kept on disk first, sent then, removed only on a 2xx. The only network code."""

from qalita_ingest.delivery.client import detail_of, http_client
from qalita_ingest.delivery.dispatch import Delivery, Flushed, Route, deliver, flush
from qalita_ingest.delivery.endpoint import Endpoint, find_endpoint
from qalita_ingest.delivery.failures import NotAdmittedError, UnavailableError
from qalita_ingest.delivery.label import DamagedEntryError, RunLabel, read_label
from qalita_ingest.delivery.outbox import Entry, Outbox, reason_of
from qalita_ingest.delivery.v2_route import Capabilities, V2Route

__all__ = [
    "Capabilities",
    "DamagedEntryError",
    "Delivery",
    "Endpoint",
    "Entry",
    "Flushed",
    "NotAdmittedError",
    "Outbox",
    "Route",
    "RunLabel",
    "UnavailableError",
    "V2Route",
    "deliver",
    "detail_of",
    "find_endpoint",
    "flush",
    "http_client",
    "read_label",
    "reason_of",
]
