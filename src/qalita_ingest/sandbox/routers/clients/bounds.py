"""Numbers in addresses, within what a database keeps."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from qalita_ingest.sandbox.clients.bodies import LARGEST_ID

IdOf = Annotated[int, Path(ge=0, le=LARGEST_ID)]
QueryIdOf = Annotated[int, Query(ge=0, le=LARGEST_ID)]
