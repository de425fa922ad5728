"""The upload way to a platform of before the v2 ingestion, and what a first delivery asks there."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from factories import report
from platform_server import Platform
from qalita_ingest.delivery import Endpoint, http_client
from qalita_ingest.delivery.upload_route import UploadRoute
from servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RUN = report(1, {"a": "passed", "b": "failed"})
# Every request of a first delivery, in its order.
CALLS = [
    "GET /api/v2/jobs",
    "GET /api/v2/sources/7",
    "GET /api/v2/packs/3",
    "GET /api/v2/workers",
    "POST /api/v2/workers/create",
    "GET /api/v2/workers",
    "POST /api/v2/jobs/create",
    "POST /api/v1/recommendations/upload",
    "POST /api/v1/schemas/upload",
    "POST /api/v1/metrics/upload",
    "PUT /api/v2/jobs/1",
]
EACH_CALL = sorted(set(CALLS))


@contextmanager
def route_to(platform: Platform, source_id: str = "7", pack_id: str = "3") -> Iterator[UploadRoute]:
    with serving(platform) as server, http_client(Endpoint(server.url, "t")) as client:
        yield UploadRoute(client, source_id, pack_id, clock=lambda: NOW)


def kinds(platform: Platform) -> list[str]:
    return [upload.kind for upload in platform.uploads]
