"""To QALITA, and safely: kept on disk first, sent then, removed only on a 2xx. The only network code."""

from qalita_ingest.delivery.client import detail_of, http_client, send
from qalita_ingest.delivery.endpoint import Endpoint, find_endpoint
from qalita_ingest.delivery.outbox import Entry, Outbox

__all__ = ["Endpoint", "Entry", "Outbox", "detail_of", "find_endpoint", "http_client", "send"]
