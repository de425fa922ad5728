"""The page that compares: nothing on it stands without a test of ours or a public link."""

from __future__ import annotations

import re

import pytest

from docs.pages import page, spans

PEERS = page("docs/peers.md")
HEADER, *ROWS = PEERS.tables[0]
HELD = {row[0]: row[1] for row in PEERS.table("What holds our column")}
THREADS = PEERS.table("What people ran into")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def named_tests(cell: str) -> dict[str, bool]:
    """Name of a test → whether one of the linked files has it."""
    files = [(PEERS.path.parent / link).resolve() for link in LINK.findall(cell)]
    sources = "".join(file.read_text(encoding="utf-8") for file in files)
    return {name: f"def {name}(" in sources for name in spans(cell)}


def test_all_rows_are_as_wide_as_the_header() -> None:
    assert {len(row) for row in ROWS} == {len(HEADER)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_our_cell_is_a_link_to_tests_that_are_named_below(row: list[str]) -> None:
    (link,) = LINK.findall(row[1])
    assert link.startswith("../tests/")
    assert link in LINK.findall(HELD[row[0]])


@pytest.mark.parametrize("cell", [*HELD.values(), *(row[2] for row in THREADS)])
def test_each_test_that_is_named_exists_in_the_file_that_is_linked(cell: str) -> None:
    found = named_tests(cell)
    assert found
    assert all(found.values()), found


def test_no_row_is_held_that_is_not_in_the_table() -> None:
    assert list(HELD) == [row[0] for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_other_cell_has_a_public_link_or_says_that_it_does_not_know(row: list[str]) -> None:
    unbacked = [cell for cell in row[2:] if cell != "not verified" and not public_links(cell)]
    assert unbacked == []


@pytest.mark.parametrize("row", THREADS, ids=lambda row: row[0])
def test_every_thread_is_linked(row: list[str]) -> None:
    assert public_links(row[1])


def test_source_is_linked_at_a_commit() -> None:
    sources = [link for link in PEERS.links if "/blob/" in link]
    assert sources
    assert [link for link in sources if not re.search(r"/blob/[0-9a-f]{40}/", link)] == []


def public_links(cell: str) -> list[str]:
    return [link for link in LINK.findall(cell) if link.startswith("https://")]
