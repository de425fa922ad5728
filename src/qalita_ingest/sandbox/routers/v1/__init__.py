"""What clients call below /api/v1. Here their contract wins over ours; each route says where, and why."""

from qalita_ingest.sandbox.routers.v1 import assets, documents, jobs, packs, platform, sources

routers = (platform.router, sources.router, packs.router, assets.router, documents.router, jobs.router)

__all__ = ["routers"]
