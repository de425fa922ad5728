"""One shape for every error: RFC 9457 problem+json."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from qalita_ingest.sandbox.database import is_of_another_version, is_refused, words_for

if TYPE_CHECKING:
    from fastapi import FastAPI, Request


class Problem(HTTPException):
    """A refusal that a program can act on: `members` stand in the answer beside the four of RFC 9457."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(status, detail)
        self.members = members


def problem(status: int, detail: str, **members: Any) -> JSONResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail} | members
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def handle_problems(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        members = error.members if isinstance(error, Problem) else {}
        response = problem(error.status_code, str(error.detail), **members)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(ClientDisconnect)
    def gone(_request: Request, _error: ClientDisconnect) -> JSONResponse:
        # Nobody reads this; without it the log would show a traceback.
        return problem(400, "the body is cut off")

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        return problem(422, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")

    @app.exception_handler(OverflowError)
    def too_large(_request: Request, error: OverflowError) -> JSONResponse:
        return problem(422, words_for(error))

    @app.exception_handler(OperationalError)
    def store_unavailable(_request: Request, error: OperationalError) -> JSONResponse:
        if is_refused(error):
            return contradiction(_request, error)
        # A locked or full disk passes; whoever sent the run keeps it and tries again.
        return problem(500 if is_of_another_version(error) else 503, words_for(error))

    @app.exception_handler(IntegrityError)
    @app.exception_handler(DataError)
    def contradiction(_request: Request, error: DBAPIError) -> JSONResponse:
        # Sent again, it would fail again.
        return problem(422, words_for(error))

    @app.exception_handler(Exception)
    def unforeseen(_request: Request, _error: Exception) -> JSONResponse:
        # The server's log has the traceback.
        return problem(500, "the sandbox failed on this request; its log says where")
