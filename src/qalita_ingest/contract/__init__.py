"""What client and server say to each other: pure values, no files, no network.

Wire format: one JSON object, a `RunReport`; the answer is an `IngestAnswer`.
"""

from qalita_ingest.contract.answer import IngestAnswer, IssueChange, RunScore
from qalita_ingest.contract.entities import (
    FINDINGS,
    OUTCOMES,
    Check,
    Column,
    Dataset,
    Dimension,
    Exposure,
    Invocation,
    Metric,
    Result,
    ResultStatus,
    RunContext,
    RunReport,
    Sample,
    Scope,
    Severity,
    Source,
    Step,
)
from qalita_ingest.contract.keys import are_comparable, body_digest, idempotency_key, run_id_of, sha256_of
from qalita_ingest.contract.scores import score_report
from qalita_ingest.contract.wire import decode_answer, decode_report, encode

__all__ = [
    "FINDINGS",
    "OUTCOMES",
    "Check",
    "Column",
    "Dataset",
    "Dimension",
    "Exposure",
    "IngestAnswer",
    "Invocation",
    "IssueChange",
    "Metric",
    "Result",
    "ResultStatus",
    "RunContext",
    "RunReport",
    "RunScore",
    "Sample",
    "Scope",
    "Severity",
    "Source",
    "Step",
    "are_comparable",
    "body_digest",
    "decode_answer",
    "decode_report",
    "encode",
    "idempotency_key",
    "run_id_of",
    "score_report",
    "sha256_of",
]
