"""Errors as pages for those who read pages; programs get problem+json as before."""

from __future__ import annotations

import inspect
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse

from qalita_ingest.sandbox.dashboard.pages import frame
from qalita_ingest.sandbox.dashboard.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI, Request, Response

TWINS = (".json", ".csv", ".svg", ".css")


def show_errors_as_pages(app: FastAPI) -> None:
    """Around the handlers that the application has by now."""
    for kind, handler in list(app.exception_handlers.items()):
        if not inspect.iscoroutinefunction(handler):
            app.add_exception_handler(kind, _as_page(handler))


def _as_page(handler: Callable[[Any, Any], Any]) -> Callable[[Request, Exception], Response]:
    def shown(request: Request, error: Exception) -> Response:
        response: Response = handler(request, error)
        if not _is_for_reading(request) or response.media_type != "application/problem+json":
            return response
        problem = json.loads(bytes(response.body))
        if problem["detail"] == problem["title"] == HTTPStatus.NOT_FOUND.phrase:
            problem["detail"] = "There is no page at this address."
        page = HTMLResponse(render("error.html", problem | frame(request)), status_code=response.status_code)
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        page.headers.update(kept)
        return page

    return shown


def _is_for_reading(request: Request) -> bool:
    path = request.url.path
    return (
        "text/html" in request.headers.get("accept", "") and not path.startswith("/api/") and not path.endswith(TWINS)
    )
