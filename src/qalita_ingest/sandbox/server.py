"""The sandbox for a server: `uvicorn qalita_ingest.sandbox.server:app --factory`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import settings_from

if TYPE_CHECKING:
    from fastapi import FastAPI


def app() -> FastAPI:
    """Reads the environment when it is called. Raises `StoreError` when the store can't be opened."""
    return create_app(open_database(settings_from(os.environ)))
