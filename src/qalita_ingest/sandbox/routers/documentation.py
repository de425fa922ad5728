"""The API as a page: what `/openapi.json` says, and the role that each call needs. It works offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qalita_ingest.sandbox.access import needed_role

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATES = Path(__file__).with_name("templates")
METHODS = ("get", "post", "put", "patch", "delete")

router = APIRouter(include_in_schema=False)
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


class Call(NamedTuple):
    """`role`: the least that may make it."""

    tag: str
    method: str
    path: str
    role: str
    says: str
    parameters: list[dict[str, Any]]
    answers: list[tuple[str, str]]


@router.get("/docs")
def show(request: Request) -> Response:
    document = request.app.openapi()
    calls = sorted(_calls(document), key=lambda call: (call.tag, call.path))
    return HTMLResponse(_pages.get_template("documentation.html").render(info=document["info"], calls=calls))


@router.get("/docs.css")
def style() -> Response:
    return FileResponse(TEMPLATES / "documentation.css", media_type="text/css", headers={"Cache-Control": "no-cache"})


def _calls(document: dict[str, Any]) -> Iterator[Call]:
    for path, operations in document["paths"].items():
        for method in METHODS:
            if operation := operations.get(method):
                yield Call(
                    tag=", ".join(operation.get("tags", ["other"])),
                    method=method.upper(),
                    path=path,
                    role=needed_role(method.upper(), path) or "anybody",
                    says=operation.get("description") or operation.get("summary", ""),
                    parameters=operation.get("parameters", []),
                    answers=[(status, answer["description"]) for status, answer in operation["responses"].items()],
                )
