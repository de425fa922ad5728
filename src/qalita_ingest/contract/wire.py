"""Bytes to values and back."""

from __future__ import annotations

import msgspec

from qalita_ingest.contract.answer import IngestAnswer
from qalita_ingest.contract.entities import RunReport

_encoder = msgspec.json.Encoder()
_reports = msgspec.json.Decoder(RunReport)
_answers = msgspec.json.Decoder(IngestAnswer)


def encode(value: msgspec.Struct) -> bytes:
    return _encoder.encode(value)


def decode_report(body: bytes) -> RunReport:
    """Raises `msgspec.DecodeError` on JSON that is broken or no report; the message names the field."""
    return _reports.decode(body)


def decode_answer(body: bytes) -> IngestAnswer:
    """Raises `msgspec.DecodeError` on JSON that is broken or no answer."""
    return _answers.decode(body)
