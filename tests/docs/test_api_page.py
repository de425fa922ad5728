"""docs/api.md lists the routes that there are, and its lists behave as it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs.pages import page
from factories import report
from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = page("docs/api.md")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path) as opened:
        yield opened


def test_the_table_lists_every_route_but_those_of_the_clients(sandbox: Sandbox) -> None:
    paths = sandbox.client.get("/openapi.json").json()["paths"]
    offered = {
        (method.upper(), re.sub(r"{\w+_id}", "{id}", path))
        for path, ways in paths.items()
        for method, operation in ways.items()
        if operation["tags"] != ["clients"]
    }
    table = next(table for table in PAGE.tables if table[0][0] == "route")
    assert {tuple(row[0].strip("`").split()) for row in table[1:]} == offered


def test_the_parameters_in_the_table_are_those_of_the_routes(sandbox: Sandbox) -> None:
    paths = sandbox.client.get("/openapi.json").json()["paths"]
    table = next(table for table in PAGE.tables if table[0][0] == "route")
    listed = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in table[1:]}
    for path, ways in paths.items():
        route = "GET " + re.sub(r"{\w+_id}", "{id}", path)
        if route in listed and "evidence" not in listed[route]:
            asked = {one["name"] for one in ways["get"].get("parameters", []) if one["in"] == "query"}
            assert listed[route] == asked - {"limit", "cursor"}, route


def test_a_cursor_leads_on_with_the_same_filters(sandbox: Sandbox) -> None:
    for hour in range(4):
        sandbox.take(report(hour, {"a": "passed"}))
    asked = {"project": "opendata_dbt", "limit": "2"}
    first = sandbox.client.get("/api/v2/runs", params=asked).json()
    second = sandbox.client.get("/api/v2/runs", params=asked | {"cursor": first["next"]}).json()
    assert [run["id"] for run in first["items"] + second["items"]] == [4, 3, 2, 1]
    assert second["next"] is None
