"""What `query` answers, and how it looks."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest

from qalita_walkthrough import Table, query
from qalita_walkthrough.plain_errors import WalkthroughError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rows_stand_under_their_columns() -> None:
    table = Table(["station", "rows"], [("Châtelet", 8715), ("Košetice", None)])
    assert repr(table).splitlines() == ["station   rows", "--------  ----", "Châtelet  8715", "Košetice  NULL"]


def test_what_is_a_tag_in_a_text_is_text_in_html() -> None:
    assert "&lt;b&gt;" in Table(["a"], [("<b>",)])._repr_html_()


@pytest.mark.parametrize(
    ("column", "side"),
    [
        ((8715, None), "right"),
        ((Decimal("0.5"), 2.5), "right"),
        (("8715", None), "left"),
        ((True, False), "left"),
        ((1, "one"), "left"),
        ((None, None), "left"),
        ((), "left"),
    ],
)
def test_a_column_stands_below_its_name_on_the_side_of_its_kind(column: Sequence[object], side: str) -> None:
    page = Table(["name"], [(value,) for value in column])._repr_html_()
    assert re.findall("text-align: (\\w+)", page) == [side] * (len(column) + 1)


def test_after_twenty_rows_it_says_how_many_more_there_are() -> None:
    table = Table(["n"], [(number,) for number in range(22)])
    assert repr(table).endswith("19\n… and 2 more rows")
    assert "… and 2 more rows" in table._repr_html_()
    assert len(table) == 22


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (True, "true"),
        (datetime(2016, 9, 1, 13), "2016-09-01 13:00"),  # noqa: DTZ001 (as DuckDB gives it)
        ("two\nlines", "two lines"),
        ("x" * 99, "x" * 59 + "…"),
    ],
)
def test_a_value_is_shown_in_one_short_line(value: object, text: str) -> None:
    assert repr(Table(["a"], [(value,)])).splitlines()[-1] == text


def test_without_a_database_files_can_be_asked(inside: Path) -> None:
    (inside / "a.csv").write_text("n\n1\n2\n")
    assert query("select sum(n) from 'a.csv'").value == 3
    assert not (inside / "opendata.duckdb").exists()


def test_the_database_is_free_again_at_once(inside: Path) -> None:
    duckdb.connect(str(inside / "opendata.duckdb")).execute("create table a as select 1 as n").close()
    assert query("select n from a").value == 1
    with duckdb.connect(str(inside / "opendata.duckdb")) as writer:
        writer.execute("insert into a values (2)")
    assert query("from a order by n").column("n") == [1, 2]


def test_an_unknown_table_is_one_error_that_says_how_to_make_it() -> None:
    with pytest.raises(WalkthroughError, match=r"(?s)^DuckDB: .*does not exist.*`dbt seed` makes it"):
        query("select * from stg_airquality")


def test_a_query_changes_nothing(inside: Path) -> None:
    duckdb.connect(str(inside / "opendata.duckdb")).close()
    with pytest.raises(WalkthroughError, match="read-only"):
        query("create table a as select 1")


def test_a_table_of_more_than_one_value_has_no_value() -> None:
    with pytest.raises(WalkthroughError, match=r"^one value was expected, and there are 2 rows and 1 column$"):
        _ = Table(["a"], [(1,), (2,)]).value
