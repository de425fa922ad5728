from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2

    from sandboxes import Sandbox


def archive_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def plain_archive(name: str = "probe") -> bytes:
    return archive_of((tarfile.TarInfo(f"{name}_pack/run.sh"), b"echo hello\n"))


def bomb(size: int) -> bytes:
    """A file of zeros, small when packed."""
    head = tarfile.TarInfo("probe_pack/zeros")
    head.size = size
    return gzip.compress(head.tobuf() + bytes(size) + bytes(1024))


@dataclass
class Caller:
    """What clients call, in the order of their work."""

    sandbox: Sandbox

    def get(self, path: str) -> httpx2.Response:
        return self.sandbox.client.get(path)

    def post(self, path: str, **body: Any) -> httpx2.Response:
        # Escaped, as Python's `json` writes it: so half a character is sent too.
        return self.sandbox.client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})

    def put(self, path: str, **body: Any) -> httpx2.Response:
        return self.sandbox.client.put(path, json=body)

    def upload(self, path: str, content: bytes, file_name: str = "file.json", **query: Any) -> httpx2.Response:
        return self.sandbox.client.post(path, params=query, files={"file": (file_name, content)})

    def source(self, **fields: Any) -> int:
        told = {"name": "air", "type": "folder", "description": "d", "visibility": "private"}
        return int(self.post("/api/v1/sources/publish", **(told | fields)).json()["id"])

    def pack(self, **fields: Any) -> int:
        return int(self.post("/api/v1/packs/publish", **({"name": "probe", "type": "validity"} | fields)).json()["id"])

    def archive(self, content: bytes, file_name: str = "probe.tar.gz", bucket: str = "packs") -> httpx2.Response:
        query = {"registry_id": 1, "name": "probe", "version": "1.0.0", "bucket": bucket, "type": "pack"}
        return self.upload("/api/v1/assets/upload", content, file_name, **query)

    def worker(self, name: str = "w") -> int:
        body = {"name": name, "mode": "worker", "status": "online", "is_active": True}
        return int(self.post("/api/v2/workers/create", **body).json()["id"])

    def job(self, **fields: Any) -> dict[str, Any]:
        """Of source 1 and pack 1."""
        response = self.post("/api/v2/jobs/create", **({"source_id": "1", "pack_id": "1"} | fields))
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created

    def document(self, kind: str, document: Any, **query: Any) -> httpx2.Response:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        query = {"source_id": 1, "pack_id": 1} | query
        return self.upload(f"/api/v1/{kind}/upload", content, f"{kind}.json", **query)


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    """A sandbox without anything."""
    return Caller(sandbox)


@pytest.fixture
def ready(caller: Caller) -> Caller:
    """A sandbox with source 1 and pack 1."""
    assert (caller.source(), caller.pack()) == (1, 1)
    return caller
