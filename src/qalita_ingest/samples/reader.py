"""The process that reads failure tables: an `Order` on its standard input, a line for each `Reading` on its output."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from qalita_ingest.contract import Sample
from qalita_ingest.samples.cells import cell, printable
from qalita_ingest.samples.connection import connected, query
from qalita_ingest.samples.exchange import Order, Reading, Table
from qalita_ingest.samples.unreadable import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_COLUMNS = 50
_UNQUOTABLE = re.compile(r"[\"`\]\x00-\x1f]")


def main() -> None:
    answers = _take_standard_output()
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    for reading in read(order):
        # One at a time: what was read before a timeout is kept.
        answers.write(msgspec.json.encode(reading) + b"\n")
        answers.flush()


def _take_standard_output() -> BinaryIO:
    """dbt and its adapters print; what they print must not get among the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers


def read(order: Order) -> Iterator[Reading]:
    try:
        with connected(order.options, order.adapter) as adapter:
            yield from _read_all(adapter, order)
    except UnreadableError as error:
        yield Reading(remark=str(error))


def _read_all(adapter: Any, order: Order) -> Iterator[Reading]:
    rows_left = order.rows_in_all
    for number, table in enumerate(order.tables):
        if rows_left <= 0:
            yield Reading(remark=f"the rest was left out: a run holds at most {order.rows_in_all} failing rows")
            return
        try:
            sample, remark = _read_table(adapter, table, min(order.rows, rows_left))
        except UnreadableError as error:
            yield Reading(table=number, remark=f"no failing rows: {error}")
        else:
            rows_left -= len(sample.rows)
            yield Reading(table=number, sample=sample, remark=remark)


def _read_table(adapter: Any, table: Table, rows: int) -> tuple[Sample, str | None]:
    """The names of all columns first, then the values of those that may be shown: the others stay where they are."""
    every, _ = query(adapter, f"select * from {table.relation} where 1 = 0")  # noqa: S608 (its form was checked)
    shown = [name for name in every if table.policy.shows(name) and not _UNQUOTABLE.search(name)]
    masked = tuple(printable(name) for name in every if name not in shown)
    if not shown:
        return Sample(columns=(), rows=(), masked=masked), "no failing rows: all of its columns are masked"
    named = ", ".join(adapter.quote(name) for name in shown[:MOST_COLUMNS])
    _, found = query(adapter, f"select {named} from {table.relation} limit {rows}")  # noqa: S608
    if not found:
        raise UnreadableError("its table is empty by now: it was rewritten after this run")
    sample = Sample(
        columns=tuple(printable(name) for name in shown[:MOST_COLUMNS]),
        rows=tuple(tuple(cell(value) for value in row) for row in found),
        masked=masked,
    )
    return sample, f"the first {MOST_COLUMNS} of {len(shown)} columns are shown" if len(shown) > MOST_COLUMNS else None


if __name__ == "__main__":
    main()
