"""What clients call below /api/v2. Here their contract wins over ours; each route says where, and why."""

from qalita_ingest.sandbox.routers.clients import assets, jobs, packs, people, sources, workers
from qalita_ingest.sandbox.routers.clients.slashes import SingleSlashes

routers = (people.router, workers.router, sources.router, packs.router, assets.router, jobs.router)

__all__ = ["SingleSlashes", "routers"]
