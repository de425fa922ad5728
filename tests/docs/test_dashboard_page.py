"""docs/dashboard.md, held against the pages that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import iter_route_contexts

from docs.pages import page, spans
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.dashboard.pages import ROWS_ON_A_PAGE
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

PAGE = page("docs/dashboard.md")


def test_every_page_stands_in_the_table(tmp_path: Path) -> None:
    database = open_database(Settings(tmp_path))
    paths = {route.path.replace(":path", "") for route in iter_route_contexts(create_app(database).routes)}
    database.close()
    assert {spans(row[0])[0] for row in PAGE.table("The pages")} == {one for one in paths if f"{one}.json" in paths}


def test_the_page_says_how_many_rows_stand_on_one() -> None:
    assert ROWS_ON_A_PAGE == 50
    assert "Fifty rows stand on a page" in PAGE.text
