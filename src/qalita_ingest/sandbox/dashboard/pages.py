"""A page and its twins: one function makes the values of the HTML, of the `.json` and of the `.csv`."""

# No postponed annotations: FastAPI reads those of functions that are made here.

from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from qalita_ingest.sandbox.access import Role, who_asks
from qalita_ingest.sandbox.dashboard.rendering import render
from qalita_ingest.sandbox.dashboard.tables import as_csv
from qalita_ingest.sandbox.reading import Window
from qalita_ingest.sandbox.responses import json_response

# As many as are written within the time that a page may take, also those that count the results of each run.
ROWS_ON_A_PAGE = 50
MOST_ROWS_OF_A_DOWNLOAD = 1_000_000

View = Callable[..., msgspec.Struct]


class Table(NamedTuple):
    """Of what the rows of a page's table are, and how to get them from what the page shows."""

    row: type[msgspec.Struct]
    rows: Callable[[Any], Sequence[msgspec.Struct]]


def window(request: Request, cursor: Annotated[str | None, Query(max_length=2000)] = None) -> Window:
    """The rows of one page; of a download, all of them."""
    if request.url.path.endswith(".csv"):
        return Window(MOST_ROWS_OF_A_DOWNLOAD)
    return Window(ROWS_ON_A_PAGE, cursor or None)


WindowOf = Annotated[Window, Depends(window)]


def add_page(router: APIRouter, path: str, template: str, view: View, table: Table | None = None) -> None:
    """`view` is a dependency of FastAPI: its parameters are those of the addresses."""
    shown_by = Depends(view)

    def as_page(request: Request, shown: Annotated[Any, shown_by]) -> Response:
        return HTMLResponse(render(template, values_for(request, shown, has_table=table is not None)))

    def as_json(shown: Annotated[Any, shown_by]) -> Response:
        return json_response(shown)

    # Twins first: the path of a page may match theirs as well.
    _add(router, f"{path}.json", as_json)
    if table is not None:
        _add(router, f"{path}.csv", _table_route(table, shown_by))
    _add(router, path, as_page)


def _table_route(table: Table, shown_by: Any) -> Callable[..., Response]:
    def as_table(request: Request, shown: Annotated[Any, shown_by]) -> Response:
        name = request.url.path.strip("/").removesuffix(".csv").replace("/", "-")
        plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in name)
        headers = {"Content-Disposition": f'attachment; filename="{plain}.csv"'}
        return Response(as_csv(table.row, table.rows(shown)), media_type="text/csv", headers=headers)

    return as_table


def _add(router: APIRouter, path: str, route: Callable[..., Response]) -> None:
    router.add_api_route(path, route, include_in_schema=False, response_model=None)


def values_for(request: Request, shown: msgspec.Struct, *, has_table: bool) -> dict[str, Any]:
    """The fields of what is shown, and what the frame of each page needs."""
    return {field: getattr(shown, field) for field in shown.__struct_fields__} | frame(request, has_table=has_table)


def frame(request: Request, *, has_table: bool = False) -> dict[str, Any]:
    reader = who_asks(request)
    return {
        "path": quote(request.url.path),
        "query_string": f"?{request.url.query}" if request.url.query else "",
        "cursor": request.query_params.get("cursor"),
        "has_table": has_table,
        "reader": reader,
        # Forms that would be refused are not shown.
        "may_act": reader.may_act_as(Role.DATAENGINEER),
    }
