"""What clients ask of the platform itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from qalita_ingest.sandbox.routers.clients.answers import answers

router = APIRouter(tags=["clients"])

# The release of the vendor's client whose calls are served in full; another one prints that it differs, and goes on.
VERSION = {"version": "3.2.1"}
PARTNERS = [{"id": 1, "name": "sandbox"}]


@router.get("/version", responses=answers(VERSION))
def read_version() -> dict[str, str]:
    """The release of the vendor's client that this sandbox goes with; older ones work as well."""
    return VERSION


@router.get("/partners", responses=answers(PARTNERS))
def list_partners() -> list[dict[str, Any]]:
    """Who publishes packs: the sandbox.

    Departs from our rules: a bare array, never empty, since `qalita pack list` prints the packs once for each partner.
    """
    return PARTNERS
