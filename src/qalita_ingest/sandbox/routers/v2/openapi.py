"""What `/openapi.json` says of the routes: schemas from the types that they answer with, examples from a real run."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

import msgspec

from qalita_ingest.sandbox.access import needed_role

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMPLES = Path(__file__).with_name("examples.json")
REFERENCE = "#/components/schemas/{name}"
TAGS = {
    "ingest": "Runs come in here, whole or in parts.",
    "projects": "What is measured, and where: projects with their environments.",
    "datasets": "Table-like things, their columns, scores and lineage.",
    "checks": "Rules on datasets, and how they fared.",
    "runs": "Deliveries: context, results, steps.",
    "scores": "How scores went from run to run.",
    "metrics": "Numbers that runs brought.",
    "issues": "What somebody must act on.",
    "data sources": "The systems that hold the data, as runs name them.",
    "job history": "Jobs: reports that are taken in, packs that are run.",
    "webhooks": "Programs that are told of issues and scores. For admins.",
    "tokens": "Who may call. For admins.",
    "clients": "What QALITA's clients call. Their contract wins here; each route says where and why.",
}
# What any of them may say: a value that is no such value, a store that is busy.
COMMON = (422, 503)
# What the door says before any of them: no good token, or none whose role reaches. On loopback only to who sends one.
OF_THE_DOOR = (401, 403)


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457: `detail` says in one line what happened and what to do; other members are for programs."""

    type: str
    title: str
    status: int
    detail: str


# Types by the name of their schema: they become schemas when somebody asks for the document, and not before.
_described: dict[str, Any] = {}


def answers(kind: Any, *refusals: int, successes: tuple[int, ...] = (200,)) -> dict[int | str, dict[str, Any]]:
    """`kind` is a struct, a page of structs or a list of them; `refusals` are further statuses of problems."""
    content = {"application/json": {"schema": reference(kind)}}
    taken = {code: {"description": HTTPStatus(code).phrase, "content": content} for code in successes}
    return taken | problems(*refusals)


def problems(*refusals: int) -> dict[int | str, dict[str, Any]]:
    return _refused((*refusals, *COMMON))


def _refused(codes: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": reference(ProblemDocument)}}
    return {code: {"description": HTTPStatus(code).phrase, "content": content} for code in codes}


def body(kind: Any, media_type: str = "application/json") -> dict[str, Any]:
    """What FastAPI can't know of a body that a route reads itself."""
    schema = {"type": "string", "format": "binary"} if kind is bytes else reference(kind)
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def reference(kind: Any) -> dict[str, Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        return {"type": "array", "items": reference(arguments[0])}
    # As msgspec calls it.
    name = f"{origin.__name__}_{arguments[0].__name__}_" if origin else kind.__name__
    _described[name] = kind
    return {"$ref": REFERENCE.format(name=name)}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document of FastAPI with the schemas, the examples and the tags that it can't know."""
    _, schemas = msgspec.json.schema_components(_described.values(), ref_template=REFERENCE)
    document.setdefault("components", {}).setdefault("schemas", {}).update(schemas)
    document["tags"] = [{"name": name, "description": description} for name, description in TAGS.items()]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _add_door(method.upper(), path, operation)
    for route, example in msgspec.json.decode(EXAMPLES.read_bytes()).items():
        method, path = route.split()
        responses = document["paths"][path][method.lower()]["responses"]
        for code in responses:
            if code.startswith("2"):
                responses[code]["content"]["application/json"]["example"] = example
    return document


def _add_door(method: str, path: str, operation: dict[str, Any]) -> None:
    if needed_role(method, path) is not None:
        for code, answer in _refused(OF_THE_DOOR).items():
            operation["responses"].setdefault(str(code), answer)
