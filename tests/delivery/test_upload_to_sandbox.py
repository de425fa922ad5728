"""The upload way into the real application; the real server is in tests/clients."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any

from qalita_ingest.delivery import Endpoint, http_client
from qalita_ingest.delivery.upload_route import UploadRoute
from sandboxes import Sandbox
from servers import like, serving

if TYPE_CHECKING:
    from qalita_ingest.delivery import Entry

STORES = ("sqlite", "postgresql")


def register_source_and_pack(sandbox: Sandbox) -> None:
    """Number 1 of each; the pack with a version."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("p_pack/run.sh"))
    file = {"file": ("p.tar.gz", packed.getvalue())}
    asset = {"registry_id": 1, "name": "p", "version": "1.0.0", "bucket": "packs", "type": "pack"}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/v1/sources/publish", {"json": {"name": "s", "type": "folder", "visibility": "private"}}),
        ("POST", "/api/v1/packs/publish", {"json": {"name": "p", "type": "validity"}}),
        ("POST", "/api/v1/assets/upload", {"params": asset, "files": file}),
        ("PUT", "/api/v1/packs/1/version", {"params": {"sem_ver_id": "1.0.0", "asset_id": 1}}),
    ]
    for method, path, request in calls:
        response = sandbox.client.request(method, path, **request)
        assert response.is_success, response.text


def test_documents_of_a_job_that_failed_before_are_tied_to_it(sandbox: Sandbox, entry: Entry) -> None:
    job = {"name": f"qalita-ingest-{entry.key[:16]}", "status": "failed", "source_id": 1, "pack_id": 1}
    register_source_and_pack(sandbox)
    sandbox.client.post("/api/v2/jobs/create", json=job).raise_for_status()

    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        UploadRoute(client, "1", "1").send(entry)

    told = sandbox.client.get("/api/v2/jobs/1").json()
    assert told["status"] == "succeeded"
    assert sorted(one["kind"] for one in told["documents"]) == ["metrics", "recommendations", "schemas"]
