"""Values of the contract as responses."""

from __future__ import annotations

import msgspec
from fastapi import Response


def json_response(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")
