"""JSON as Python writes it, which is a little more than JSON."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

Decoded = TypeVar("Decoded")
_ONLY_PYTHON_WRITES = (b"NaN", b"Infinity", b"\\ud", b"\\uD")


def decode_leniently(content: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[Decoded]) -> Decoded:
    """dbt writes what Python writes and JSON lacks: NaN and Infinity (as null), half a character (as ?).

    Only what may hold them pays for a second look. Raises what the decoder raises, `ValueError` and `RecursionError`.
    """
    try:
        return decoder.decode(content)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        written = bytes(content)
        if not any(word in written for word in _ONLY_PYTHON_WRITES):
            raise
        text = json.dumps(json.loads(written, parse_constant=lambda _: None), ensure_ascii=False)
        return decoder.decode(text.encode(errors="replace"))
