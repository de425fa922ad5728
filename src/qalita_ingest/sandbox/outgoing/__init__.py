"""What other programs take from the store: metrics for Prometheus, a feed of issues, the history as a table."""

from qalita_ingest.sandbox.outgoing.feed import issue_feed, last_acts
from qalita_ingest.sandbox.outgoing.history import as_csv_lines, as_parquet, result_history
from qalita_ingest.sandbox.outgoing.prometheus import CONTENT_TYPE, exposition

__all__ = ["CONTENT_TYPE", "as_csv_lines", "as_parquet", "exposition", "issue_feed", "last_acts", "result_history"]
