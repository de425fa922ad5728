"""Every result of an environment as a table, for DuckDB, pandas or a spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from qalita_ingest.errors import MissingPartError
from qalita_ingest.sandbox.database.model import Check, Dataset, Environment, Invocation, Project, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

COLUMNS = {
    "project": "VARCHAR", "environment": "VARCHAR", "finished_at": "TIMESTAMP", "invocation": "VARCHAR",
    "run": "BIGINT", "dataset": "VARCHAR", "check": "VARCHAR", "name": "VARCHAR", "column": "VARCHAR",
    "dimension": "VARCHAR", "severity": "VARCHAR", "status": "VARCHAR", "failures": "BIGINT",
    "seconds": "DOUBLE", "message": "VARCHAR",
}  # fmt: skip
ROWS_AT_ONCE = 1000


def result_history(session: Session, project: str, environment: str) -> Iterator[tuple[Any, ...]]:
    """Rows of `COLUMNS`, oldest first, read as they are asked for. Times are UTC, without a zone."""
    query = (
        select(
            Project.name,
            Environment.name,
            Invocation.finished_at,
            Invocation.key,
            Result.run_id,
            Dataset.key,
            Check.key,
            Check.name,
            Check.column,
            Check.dimension,
            Check.severity,
            Result.status,
            Result.failures,
            Result.seconds,
            Result.message,
        )
        .join(Invocation, Invocation.id == Result.invocation_id)
        .join(Environment, Environment.id == Invocation.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .join(Check, Check.id == Result.check_id)
        .outerjoin(Dataset, Dataset.id == Check.dataset_id)
        .where(Project.name == project, Environment.name == environment)
        .order_by(Invocation.finished_at, Invocation.key, Check.key)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for first, second, at, *others in session.execute(query):
        yield first, second, at.replace(tzinfo=None).isoformat(sep=" "), *others


def as_csv_lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """For programs: DuckDB's `read_csv` takes it as it is. Nulls are empty."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for row in chain([tuple(COLUMNS)], rows):
        writer.writerow(row)
        yield written.getvalue()
        written.seek(0)
        written.truncate()


def as_parquet(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Raises `MissingPartError` without DuckDB, which writes it."""
    try:
        import duckdb  # noqa: PLC0415 (heavy, and only this needs it)
    except ImportError:
        raise MissingPartError("Parquet needs duckdb, which is not installed; run: pip install duckdb") from None
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection:
        given, made = Path(name) / "history.csv", Path(name) / "history.parquet"
        with given.open("w", encoding="utf-8", newline="") as file:
            file.writelines(as_csv_lines(rows))
        # The types are given: a column that is empty so far must not become text.
        table = connection.read_csv(str(given), header=True, columns=COLUMNS, delimiter=",", quotechar='"')
        table.write_parquet(str(made))
        return made.read_bytes()
