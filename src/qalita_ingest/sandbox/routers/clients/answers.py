"""How the routes that clients call answer, in the description of the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

PROBLEM = "application/problem+json"
# What any of them may say: a body that is no JSON, a value that is no such value, a store that is busy.
COMMON = (400, 422, 503)


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: {"description": HTTPStatus(code).phrase, "content": {PROBLEM: {}}} for code in (*codes, *COMMON)}


def answers(example: object, *codes: int, status: int = 200, empty: str | None = None) -> dict[int | str, Any]:
    """`example`: the body of a success. `empty`: what a 204 means, where there is one."""
    success: dict[int | str, Any] = {
        status: {"description": "Success", "content": {"application/json": {"example": example}}}
    }
    nothing: dict[int | str, Any] = {204: {"description": empty}} if empty else {}
    return success | nothing | refusals(*codes)
