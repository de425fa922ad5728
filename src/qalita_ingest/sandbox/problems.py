"""One shape for every error: RFC 9457 problem+json."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from qalita_ingest.sandbox.database import is_of_another_version, is_refused, words_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

PLACES = frozenset({"body", "query", "path", "header", "cookie"})
# What pydantic expects, by the type of its error: only those that our requests can meet.
EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "date_from_datetime_inexact": "a day as 2026-01-31",
    "date_from_datetime_parsing": "a day as 2026-01-31",
    "date_parsing": "a day as 2026-01-31",
    "date_type": "a day as 2026-01-31",
    "datetime_from_date_parsing": "a time as 2026-01-31T18:00:00Z",
    "datetime_parsing": "a time as 2026-01-31T18:00:00Z",
    "datetime_type": "a time as 2026-01-31T18:00:00Z",
    "dict_type": "an object",
    "enum": "{expected}",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_type": "a whole number",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "model_attributes_type": "an object",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} character(s)",
    "string_type": "text",
    "string_unicode": "text in UTF-8",
    "timezone_aware": "a time with a zone, as 2026-01-31T18:00:00Z",
}
LONGEST_TOLD = 200


class Problem(HTTPException):
    """A refusal that a program can act on: `members` stand in the answer beside the four of RFC 9457."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(status, detail)
        self.members = members


def problem(status: int, detail: str, **members: Any) -> JSONResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail} | members
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def _invalid(errors: Sequence[Mapping[str, Any]]) -> JSONResponse:
    reason = _why_no_json(errors[0])
    return problem(400, f"the body is no JSON: {reason}") if reason else problem(422, in_words(errors))


def _why_no_json(error: Mapping[str, Any]) -> str | None:
    """None where it is JSON, or where something else than the body is wrong."""
    if error["type"] == "json_invalid":
        return f"{error['ctx']['error']} at character {error['loc'][-1]}"
    if error["loc"] != ("body",):
        return None
    if error["type"] == "missing":
        return "it is empty"
    # FastAPI leaves a body unread whose header names something else.
    return "expected Content-Type: application/json" if isinstance(error["input"], bytes) else None


def in_words(errors: Sequence[Mapping[str, Any]]) -> str:
    """The first of pydantic's errors as `field: expected …`; the values that were sent are not repeated."""
    field = _field(errors[0]["loc"])
    if errors[0]["type"] == "missing":
        return f"{field}: missing"
    if errors[0]["type"] == "extra_forbidden":
        return f"{field}: not known here; leave it out"
    # A field that may be one thing or another has an error for each, one step below itself.
    others = [one for one in errors if one["loc"][:-1] == errors[0]["loc"][:-1] and one["input"] is errors[0]["input"]]
    if len(others) > 1:
        field = _field(errors[0]["loc"][:-1])
    return f"{field}: expected {' or '.join(dict.fromkeys(map(_expected, others)))}"


def _field(location: Sequence[str | int]) -> str:
    parts = location[1:] if location and location[0] in PLACES else location
    return ".".join(map(str, parts)) or "the body"


def _expected(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        # Raised by us, and said in our words.
        return str(context["error"]).removeprefix("expected ")
    if error["type"] in EXPECTED:
        # A filter may be left empty.
        return EXPECTED[error["type"]].format(**context).replace("''", "nothing")
    return str(error["msg"]).removeprefix("Input should be ")


def handle_problems(app: FastAPI) -> None:
    _handle_requests(app)
    _handle_store(app)

    @app.exception_handler(Exception)
    def unforeseen(_request: Request, _error: Exception) -> JSONResponse:
        # The server's log has the traceback.
        return problem(500, "the sandbox failed on this request; its log says where")


def _detail(request: Request, error: HTTPException) -> str:
    """The framework says no more than the status of an address that it does not know."""
    if error.detail != HTTPStatus(error.status_code).phrase:
        return str(error.detail)
    path = request.url.path[:LONGEST_TOLD]
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return f"there is nothing at {path}; /docs lists the addresses of the API, /overview is the first page"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("Allow", "another method")
            return f"{path} does not take {request.method}; expected {allowed}"
        case _:
            return str(error.detail)


def _handle_requests(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        members = error.members if isinstance(error, Problem) else {}
        response = problem(error.status_code, _detail(request, error), **members)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(ClientDisconnect)
    def gone(_request: Request, _error: ClientDisconnect) -> JSONResponse:
        # Nobody reads this; without it the log would show a traceback.
        return problem(400, "the body is cut off")

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return _invalid(error.errors())

    @app.exception_handler(OverflowError)
    def too_large(_request: Request, error: OverflowError) -> JSONResponse:
        return problem(422, words_for(error))


def _handle_store(app: FastAPI) -> None:
    @app.exception_handler(OperationalError)
    def store_unavailable(_request: Request, error: DBAPIError) -> JSONResponse:
        if is_refused(error):
            return contradiction(_request, error)
        # A locked or full disk passes; whoever sent the run keeps it and tries again.
        return problem(500 if is_of_another_version(error) else 503, words_for(error))

    @app.exception_handler(ProgrammingError)
    def programmed_wrongly(_request: Request, error: ProgrammingError) -> JSONResponse:
        # To PostgreSQL a table that is not there is an error of the program; SQLite calls it operational.
        if is_of_another_version(error):
            return store_unavailable(_request, error)
        raise error

    @app.exception_handler(IntegrityError)
    @app.exception_handler(DataError)
    def contradiction(_request: Request, error: DBAPIError) -> JSONResponse:
        # Sent again, it would fail again.
        return problem(422, words_for(error))
