"""HEAD is answered as GET is, without the body."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from sandbox_pages import HTML, TABLES, page_of, pages_of
from server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")


def addresses() -> Iterator[str]:
    for address in pages_of(project="opendata_dbt"):
        path, mark, query = address.partition("?")
        yield from (address, f"{path}.json{mark}{query}")
        if page_of(path) in TABLES:
            yield f"{path}.csv{mark}{query}"


@pytest.mark.parametrize("address", [*addresses(), "/issues.atom", "/metrics", "/docs", "/openapi.json"])
def test_an_address_that_answers_get_answers_head_alike(shown: Sandbox, address: str) -> None:
    asked, read = (shown.client.request(method, address, headers=HTML) for method in ("HEAD", "GET"))

    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers == read.headers


def test_an_address_of_the_api_answers_the_methods_that_openapi_lists(shown: Sandbox) -> None:
    refused = shown.client.head("/api/v2/runs")

    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    paths = shown.client.get("/openapi.json").json()["paths"]
    assert [path for path, methods in paths.items() if "head" in methods] == []


def test_a_form_takes_no_head(shown: Sandbox) -> None:
    assert shown.client.head("/issues/1/comment").status_code == 405


def test_the_connection_goes_on_right_after_the_headers(tmp_path: Path) -> None:
    """Over a real socket, where a body that nobody expects would be taken for the next answer."""
    with server_process(tmp_path / "store") as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        for method, is_empty in (("HEAD", True), ("GET", False)):
            connection.request(method, "/overview")
            answer = connection.getresponse()
            assert (answer.status, answer.read() == b"") == (200, is_empty)
        connection.close()
