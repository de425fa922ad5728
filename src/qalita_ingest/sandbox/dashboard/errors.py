"""Errors as pages for those who read pages; programs get problem+json as before."""

from __future__ import annotations

import inspect
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from qalita_ingest.sandbox.dashboard.pages import frame
from qalita_ingest.sandbox.dashboard.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI, Request, Response

API = "/api/"
TWINS = (".json", ".csv", ".svg", ".css")


def show_errors_as_pages(app: FastAPI) -> None:
    """Around the handlers that the application has by now."""
    invalid, refused = (app.exception_handlers[kind] for kind in (RequestValidationError, HTTPException))
    app.add_exception_handler(RequestValidationError, _or_missing(invalid, refused))
    for kind, handler in list(app.exception_handlers.items()):
        if not inspect.iscoroutinefunction(handler):
            app.add_exception_handler(kind, _as_page(handler))


def _or_missing(invalid: Callable[[Any, Any], Any], refused: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Outside of the API an address whose number is none is that of nothing: /jobs/soon, and /jobs/2.csv as well."""

    def told(request: Request, error: RequestValidationError) -> Any:
        is_of_address = error.errors()[0]["loc"][0] == "path" and not request.url.path.startswith(API)
        return refused(request, HTTPException(HTTPStatus.NOT_FOUND)) if is_of_address else invalid(request, error)

    return told


def _as_page(handler: Callable[[Any, Any], Any]) -> Callable[[Request, Exception], Response]:
    def shown(request: Request, error: Exception) -> Response:
        response: Response = handler(request, error)
        if not is_for_reading(request) or response.media_type != "application/problem+json":
            return response
        problem = json.loads(bytes(response.body))
        unknown = HTTPStatus.NOT_FOUND
        # A number that is none says nothing of its own; neither does an address that no route has.
        if response.status_code == unknown and getattr(error, "detail", unknown.phrase) == unknown.phrase:
            problem["detail"] = "There is no page at this address."
        page = HTMLResponse(render("error.html", problem | frame(request)), status_code=response.status_code)
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        page.headers.update(kept)
        return page

    return shown


def is_for_reading(request: Request) -> bool:
    path = request.url.path
    return "text/html" in request.headers.get("accept", "") and not path.startswith(API) and not path.endswith(TWINS)
