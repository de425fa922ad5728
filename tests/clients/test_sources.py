"""`login` and `source …` of the real clients, against the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from clients.conftest import Server
    from vendor_clients import Client

pytestmark = pytest.mark.slow
STORES = ("sqlite", "postgresql")


def test_login_registers_the_worker_once(stranger: Client, server: Server) -> None:
    said = [stranger.work("login"), stranger.work("login")]

    (worker,) = server.named("workers", stranger.name)
    assert (worker["status"], worker["mode"]) == ("online", "job")
    assert "successfully registered" in said[0]
    assert "successfully registered" not in said[1]


def test_login_works_with_an_endpoint_that_ends_in_a_slash(stranger: Client, server: Server) -> None:
    stranger.endpoint, name = f"{server.url}/", stranger.name
    stranger.name = f"{name}-slash"
    try:
        stranger.work("login")
    finally:
        stranger.endpoint, stranger.name = server.url, name

    assert len(server.named("workers", f"{name}-slash")) == 1


def test_a_token_that_is_not_the_servers_is_refused(stranger: Client, server: Server) -> None:
    stranger.token, token, name = stranger.token[:-6] + "AAAAAA", stranger.token, stranger.name
    stranger.name = f"{name}-forged"
    try:
        stranger.work("login")
    finally:
        stranger.token, stranger.name = token, name

    assert server.named("workers", f"{name}-forged") == []


def test_pushing_the_open_data_finds_source_1(client: Client, server: Server) -> None:
    before = server.get("/api/v2/sources")

    client.run("source", "push")

    assert client.source()["id"] == 1
    assert server.get("/api/v2/sources") == before


def test_pushing_a_new_source_registers_it(client: Client, server: Server) -> None:
    name = f"new-{client.release.version}"
    client.set_source(name=name, description="said first")

    client.run("source", "push")

    (source,) = server.named("sources", name)
    assert (source["type"], source["description"], source["visibility"]) == ("folder", "said first", "private")
    assert client.source()["id"] == source["id"]


def test_pushing_a_source_again_changes_nothing(client: Client, server: Server) -> None:
    name = f"same-{client.release.version}"
    client.set_source(name=name)
    client.run("source", "push")
    before = server.named("sources", name)

    client.run("source", "push")

    assert server.named("sources", name) == before


def test_pushing_a_changed_source_changes_it(client: Client, server: Server) -> None:
    name = f"changed-{client.release.version}"
    client.set_source(name=name, description="said first")
    client.run("source", "push")
    (before,) = server.named("sources", name)

    client.set_source(description="said later", sensitive=True)
    client.run("source", "push")

    (after,) = server.named("sources", name)
    assert (after["id"], after["description"], after["sensitive"]) == (before["id"], "said later", True)


def test_the_list_of_sources_shows_the_number_of_the_server(client: Client) -> None:
    client.run("source", "push")

    (line,) = [line for line in client.run("source", "list").splitlines() if "opendata" in line]
    assert line.split()[:3] == ["1", "opendata", "folder"]
