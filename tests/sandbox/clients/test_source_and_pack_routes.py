"""Sources and packs as clients publish and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.clients.conftest import plain_archive

if TYPE_CHECKING:
    from sandbox.clients.conftest import Caller

STORES = ("sqlite", "postgresql")


def test_a_published_source_has_the_version_that_old_clients_look_for(caller: Caller) -> None:
    caller.source()

    (source,) = caller.get("/api/v2/sources").json()
    assert (source["id"], source["name"], source["versions"][0]["sem_ver_id"]) == (1, "air", "1.0.0")


def test_publishing_answers_200_since_clients_know_no_201(caller: Caller) -> None:
    response = caller.post("/api/v1/sources/publish", name="air", type="folder")

    assert response.status_code == 200


def test_a_source_of_the_same_name_and_type_is_the_same(caller: Caller) -> None:
    first, again = caller.source(), caller.source(description="changed")

    (source,) = caller.get("/api/v2/sources").json()
    assert (first, source["description"]) == (again, "changed")


def test_a_source_of_another_type_is_another(caller: Caller) -> None:
    assert caller.source() != caller.source(type="file")


@pytest.mark.parametrize("path", ["/api/v2/sources/7", "/api/v2/packs/7"])
def test_an_unknown_source_or_pack_is_a_204(caller: Caller, path: str) -> None:
    assert caller.get(path).status_code == 204


def test_only_what_is_sent_of_a_source_changes(ready: Caller) -> None:
    ready.put("/api/v2/sources/1", sensitive=True)

    source = ready.get("/api/v2/sources/1").json()
    assert (source["sensitive"], source["description"]) == (True, "d")


def test_a_source_without_a_name_is_refused(caller: Caller) -> None:
    response = caller.post("/api/v1/sources/publish", type="folder")

    assert (response.status_code, response.json()["detail"]) == (422, "name: missing")


@pytest.mark.parametrize("path", ["/api/v2/sources/7", "/api/v2/packs/7"])
def test_changing_what_is_not_there_is_a_404(caller: Caller, path: str) -> None:
    assert caller.put(path, description="x").status_code == 404


def test_packs_of_one_name_are_two(caller: Caller) -> None:
    assert caller.pack() != caller.pack()


def test_the_list_of_packs_leaves_out_what_is_long(caller: Caller) -> None:
    caller.pack(readme="IyBSZWFk", avatar="AAAA", config="{}")

    (listed,) = caller.get("/api/v2/packs").json()
    read = caller.get("/api/v2/packs/1").json()
    assert not {"readme", "avatar", "config"} & listed.keys()
    assert (read["readme"], read["avatar"], read["config"]) == ("IyBSZWFk", "AAAA", "{}")


def test_a_version_is_a_number_and_an_archive(ready: Caller) -> None:
    asset = ready.archive(plain_archive()).json()["id"]

    response = ready.put(f"/api/v1/packs/1/version?sem_ver_id=1.2.0&asset_id={asset}")

    assert response.json()["versions"] == [{"id": 1, "sem_ver_id": "1.2.0", "asset_id": asset}]


def test_a_version_does_not_change(ready: Caller) -> None:
    first, other = (ready.archive(plain_archive()).json()["id"] for _ in range(2))
    statuses = [
        ready.put(f"/api/v1/packs/1/version?sem_ver_id=1.0.0&asset_id={asset}").status_code
        for asset in (first, first, other)
    ]

    assert statuses == [200, 200, 409]


@pytest.mark.parametrize("version", ["1.0", "1", "v1.0.0", "1.0.0-beta", "", "1.0.0\n"])
def test_a_version_that_would_break_clients_is_refused(ready: Caller, version: str) -> None:
    asset = ready.archive(plain_archive()).json()["id"]

    response = ready.sandbox.client.put("/api/v1/packs/1/version", params={"sem_ver_id": version, "asset_id": asset})

    assert response.status_code == 422


def test_a_log_is_no_version_of_a_pack(ready: Caller) -> None:
    log = ready.archive(b"text", "logs.txt", bucket="logs").json()["id"]

    assert ready.put(f"/api/v1/packs/1/version?sem_ver_id=1.0.0&asset_id={log}").status_code == 422


@pytest.mark.parametrize("name", ["a\x00b", "x" * 256, "", 7, None, "\ud800"])
def test_a_name_that_no_database_keeps_is_refused(caller: Caller, name: object) -> None:
    for path in ("/api/v1/sources/publish", "/api/v1/packs/publish", "/api/v2/workers/create"):
        assert caller.post(path, name=name, type="folder").status_code == 422
