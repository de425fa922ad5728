"""Who a token belongs to, and where archives are kept: the sandbox has one answer each."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from qalita_ingest.sandbox.routers.clients.answers import answers

router = APIRouter(tags=["clients"])

REGISTRIES = [{"id": 1, "name": "sandbox"}]


@router.get("/users/{subject:path}", responses=answers({"id": "jane", "name": "jane"}))
def read_user(subject: str) -> dict[str, str]:
    """The user of a token, by its `sub`.

    Departs from our rules: nobody is unknown, since a client asks for whatever its token says, `None` included, and
    does nothing without an answer.
    """
    return {"id": subject, "name": subject}


@router.get("/registries", responses=answers(REGISTRIES))
def list_registries() -> list[dict[str, Any]]:
    """Where archives of packs are kept: in the store.

    Departs from our rules: a bare array, never empty. Without a registry clients log in, and fail on the first job.
    """
    return REGISTRIES
