"""What clients ask before they do anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandbox.clients.conftest import Caller

STORES = ("sqlite", "postgresql")
LISTS = ("/api/v2/sources", "/api/v2/packs", "/api/v2/jobs", "/api/v2/routines", "/api/v2/workers", "/api/v2/agents")
OWN = ["/api/v1/version", "/api/v1/partners", "/api/v2/registries", "/api/v2/routines", "/api/v2/sources"]


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_list_is_a_bare_array_and_200(caller: Caller, path: str) -> None:
    response = caller.get(path)

    assert (response.status_code, response.json()) == (200, [])


@pytest.mark.parametrize("path", ["/api/v2/registries", "/api/v1/partners"])
def test_there_is_one_registry_and_one_partner(caller: Caller, path: str) -> None:
    assert [one["id"] for one in caller.get(path).json()] == [1]


@pytest.mark.parametrize("subject", ["None", "8b1d2c1e-0000-4000-8000-000000000000", "jane@example.org", "a/b"])
def test_every_user_is_known(caller: Caller, subject: str) -> None:
    assert caller.get(f"/api/v2/users/{subject}").json()["id"] == subject


def test_the_version_is_a_text(caller: Caller) -> None:
    assert caller.get("/api/v1/version").json() == {"version": "3.2.1"}


@pytest.mark.parametrize("path", OWN)
def test_several_slashes_are_one(caller: Caller, path: str) -> None:
    # As an endpoint that ends in a slash makes it; the test client would take //api for a host.
    assert caller.get(f"http://testserver/{path}").status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/api/v2/jobs/9", 404), ("/api/v2/sources/x", 422)])
def test_a_refusal_is_a_problem(caller: Caller, path: str, status: int) -> None:
    response = caller.get(path)

    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def test_each_departure_from_our_rules_is_said_with_its_reason(caller: Caller) -> None:
    paths = caller.get("/openapi.json").json()["paths"]
    said = {
        path
        for path, methods in paths.items()
        for one in methods.values()
        if "Departs from our rules" in one["description"]
    }

    assert said >= {
        "/api/v2/sources",
        "/api/v2/sources/{source_id}",
        "/api/v2/packs",
        "/api/v2/packs/{pack_id}",
        "/api/v2/jobs",
        "/api/v2/jobs/create",
        "/api/v2/routines",
        "/api/v2/registries",
        "/api/v2/workers/create",
        "/api/v2/agents/create",
        "/api/v1/sources/publish",
        "/api/v1/packs/publish",
        "/api/v1/assets/upload",
        "/api/v1/metrics/upload",
        "/api/v1/workers/{worker_id}/jobs/next",
        "/api/v1/agents/{worker_id}/jobs/next",
    }
