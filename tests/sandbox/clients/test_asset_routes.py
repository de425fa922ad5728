"""Files in and out: what is an archive of a pack, and what is not."""

from __future__ import annotations

import gzip
import tarfile
from typing import TYPE_CHECKING

import pytest

from qalita_ingest.sandbox.clients import archives, assets
from sandbox.clients.conftest import archive_of, bomb, plain_archive

if TYPE_CHECKING:
    from sandbox.clients.conftest import Caller

STORES = ("sqlite", "postgresql")


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b""


def test_an_archive_comes_back_as_it_was_for_saving_only(caller: Caller) -> None:
    content = plain_archive()
    asset = caller.archive(content).json()

    fetched = caller.get(f"/api/v1/assets/{asset['id']}/fetch")

    assert (fetched.status_code, fetched.content) == (200, content)
    assert fetched.headers["content-disposition"].startswith('attachment; filename="probe.tar.gz"')
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in fetched.headers["content-security-policy"]


def test_its_url_is_what_clients_make_a_path_of(caller: Caller) -> None:
    asset = caller.archive(plain_archive()).json()

    parts = asset["url"].split("/")
    assert parts == ["", "packs", "probe", f"1.0.0-{asset['sha256'][:12]}", "probe.tar.gz"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([member("probe_pack/run.sh"), member("other/run.sh")], "expected everything below probe_pack/"),
        ([member("run.sh")], "expected everything below probe_pack/"),
        ([member("/probe_pack/run.sh")], "expected everything below probe_pack/"),
        ([member("probe_pack/../../run.sh")], "expected everything below probe_pack/"),
        ([member("probe_pack\\..\\run.sh")], "expected everything below probe_pack/"),
        ([member("probe_pack/a", tarfile.SYMTYPE, "/etc/passwd")], "found a link or a device"),
        ([member("probe_pack/a", tarfile.LNKTYPE, "probe_pack/b")], "found a link or a device"),
        ([member("probe_pack/a", tarfile.CHRTYPE)], "found a link or a device"),
        ([member("probe_pack/a", tarfile.FIFOTYPE)], "found a link or a device"),
        ([], "the archive is empty"),
    ],
)
def test_an_archive_that_would_leave_its_folder_is_refused(
    caller: Caller, members: list[tuple[tarfile.TarInfo, bytes]], message: str
) -> None:
    response = caller.archive(archive_of(*members))

    assert response.status_code == 422
    assert message in response.json()["detail"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        plain_archive()[:-20],
        gzip.compress(b"no tar" * 200),
        gzip.compress(b""),
        gzip.compress(b"\xff" * 1024),
    ],
    ids=["empty", "no gzip", "cut off", "no tar", "nothing in it", "bytes"],
)
def test_what_is_no_archive_is_refused(caller: Caller, content: bytes) -> None:
    assert caller.archive(content).status_code == 422


@pytest.mark.parametrize(
    "file_name", ["probe.zip", "pro.be.tar.gz", "other.tar.gz", ".tar.gz", "prö.tar.gz", "a,b.tar.gz"]
)
def test_an_archive_whose_name_is_not_its_folders_is_refused(caller: Caller, file_name: str) -> None:
    assert caller.archive(plain_archive(), file_name).status_code == 422


def test_an_archive_that_unpacks_to_too_much_is_refused(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_UNPACKED_BYTES", 1_000_000)

    assert caller.archive(bomb(999_000)).status_code == 200
    assert caller.archive(bomb(1_000_001)).status_code == 413


def test_a_bomb_that_hides_its_size_is_unpacked_no_further_than_the_limit(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_UNPACKED_BYTES", 1_000)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 1)
    # A head of the pax format may be of any length, and counts for no file.
    info = tarfile.TarInfo("probe_pack/run.sh")
    info.pax_headers = {"comment": "x" * 100_000}

    assert caller.archive(archive_of((info, b""))).status_code == 413


def test_an_archive_of_too_many_files_is_refused(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)

    assert caller.archive(archive_of(*(member(f"probe_pack/{name}") for name in "abc"))).status_code == 413


def test_a_file_larger_than_the_limit_is_refused(ready: Caller) -> None:
    content = bytes(assets.LARGEST_FILE_BYTES + 1)

    assert ready.archive(content, "logs.txt", bucket="logs").status_code == 413
    assert ready.document("metrics", content).status_code == 413


FORM = "multipart/form-data; boundary=b"
FIELD_WITHOUT_FILE = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x", "text/plain", 415),
        (b"x", "multipart/form-data", 400),
        (b"x", FORM, 400),
        (b"", FORM, 422),
        (b"--b\r\n\r\nx\r\n--b--", FORM, 400),
        (FIELD_WITHOUT_FILE, FORM, 400),
    ],
)
def test_what_is_no_multipart_form_with_a_file_is_refused(
    caller: Caller, content: bytes, kind: str, status: int
) -> None:
    path = "/api/v1/assets/upload?name=n&version=1.0.0&bucket=logs&type=log"

    assert caller.sandbox.client.post(path, content=content, headers={"Content-Type": kind}).status_code == status


def test_an_unknown_bucket_is_refused(caller: Caller) -> None:
    assert caller.archive(b"x", bucket="outputs").status_code == 422


def test_an_unknown_asset_is_a_404(caller: Caller) -> None:
    assert [caller.get(path).status_code for path in ("/api/v2/assets/9", "/api/v1/assets/9/fetch")] == [404, 404]
