"""The answer to a query, as a table: the same text and HTML for the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qalita_walkthrough.plain_errors import WalkthroughError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DATABASE = "opendata.duckdb"
MOST_ROWS = 20
LONGEST_TEXT = 60


@dataclass(frozen=True)
class Table:
    """`rows` holds all rows; what is shown ends after twenty."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        place = list(self.columns).index(name)
        return [row[place] for row in self.rows]

    @property
    def value(self) -> Any:
        """Of a table with one row and one column."""
        if len(self.rows) != 1 or len(self.columns) != 1:
            raise WalkthroughError(f"one value was expected, and there are {self._size}")
        return self.rows[0][0]

    @property
    def _size(self) -> str:
        return f"{_count(len(self.rows), 'row')} and {_count(len(self.columns), 'column')}"

    @property
    def _left_out(self) -> str:
        more = len(self.rows) - MOST_ROWS
        return f"… and {_count(more, 'more row', 'more rows')}" if more > 0 else ""

    def __repr__(self) -> str:
        shown = [list(map(str, self.columns)), *([_text(cell) for cell in row] for row in self.rows[:MOST_ROWS])]
        widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
        header, *lines = [_line(row, widths) for row in shown]
        return "\n".join(filter(None, [header, "  ".join("-" * width for width in widths), *lines, self._left_out]))

    def _repr_html_(self) -> str:
        sides = [_side(column) for column in zip(*self.rows, strict=True)] or ["left"] * len(self.columns)
        header = _html_row("th", map(str, self.columns), sides)
        rows = "".join(f"{_html_row('td', map(_text, row), sides)}\n" for row in self.rows[:MOST_ROWS])
        more = f"<p>{self._left_out}</p>" if self._left_out else ""
        return f"<table>\n<thead>{header}</thead>\n<tbody>\n{rows}</tbody>\n</table>{more}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _html_row(element: str, texts: Iterable[str], sides: Sequence[str]) -> str:
    """JupyterLab would put all of them on the right."""
    cells = (
        f'<{element} style="text-align: {side}">{escape(text)}</{element}>'
        for text, side in zip(texts, sides, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _side(column: Iterable[object]) -> str:
    """Numbers stand on the right, and so do their name and what stands for a missing one."""
    there = [value for value in column if value is not None]
    return "right" if there and all(map(_is_number, there)) else "left"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _text(value: object) -> str:
    """Floating-point numbers with six digits: what comes after them depends on the order of a sum."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes" if not value.second and not value.microsecond else "seconds")
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def query(sql: str, *parameters: object, database: str | Path = DATABASE) -> Table:
    """What the SQL finds, read only: in the database of this folder, or in the files it names while there is none.

    The database is closed again at once. DuckDB lets one program in at a time, and dbt wants to come in as well.
    """
    import duckdb  # noqa: PLC0415 (tables can be shown without it)

    place = Path(database)
    if not place.exists() and str(database) != DATABASE:
        raise WalkthroughError(f"there is no database {database} in {Path.cwd().name}/")
    try:
        with _connect(place) as connection:
            answer = connection.execute(sql, parameters)
            return Table([name for name, *_ in answer.description or []], answer.fetchall())
    except duckdb.Error as error:
        hint = "" if place.exists() else f"\nThere is no database {DATABASE} yet: `dbt seed` makes it."
        raise WalkthroughError(f"DuckDB: {error}{hint}") from None


def _connect(place: Path) -> Any:
    import duckdb  # noqa: PLC0415 (tables can be shown without it)

    # An extension that is not in the wheel would be a download.
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    connection = duckdb.connect(str(place) if place.exists() else "", read_only=place.exists(), config=settings)
    connection.execute("set TimeZone = 'UTC'")
    return connection
