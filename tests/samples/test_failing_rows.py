"""Failing rows of a real dbt run on DuckDB: what is read, what is not, and what happens when nothing can be."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import msgspec
import pytest

from qalita_ingest.contract import ResultStatus, encode
from qalita_ingest.samples import attach_samples
from qalita_ingest.samples.attach import MOST_ROWS
from qalita_ingest.samples.cells import LONGEST_CELL
from qalita_ingest.samples.exchange import Order, Table, readings_of
from qalita_ingest.samples.privacy import ColumnPolicy, Patterns
from qalita_ingest.samples.reader import MOST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shops import Sampled, Shop

PLANTED = "planted@example.org"
LONGEST_WAIT_SECONDS = 30


def contents(folder: Path) -> dict[str, str]:
    """Every file and a digest of what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# What is read


def test_rows_of_the_failure_table_are_attached_to_the_result(sampled: Sampled) -> None:
    sample = sampled.samples["city_accepted"]
    assert (sample.columns, sample.rows) == (("value_field", "n_records"), (("Pisa", "1"),))


def test_a_warning_has_its_rows_too_and_a_view_is_read_like_a_table(sampled: Sampled) -> None:
    assert sampled.samples["city_unique_view"].rows == (("Oslo", "2"),)


def test_a_test_that_passed_or_broke_has_no_sample_and_no_remark(sampled: Sampled) -> None:
    by_name = {check.key: check.name for check in sampled.report.checks}
    statuses = {by_name[result.check]: result.status for result in sampled.report.results}
    assert (statuses["order_not_null"], statuses["breaks"]) == (ResultStatus.PASSED, ResultStatus.ERROR)
    named = " ".join([*sampled.samples, *sampled.remarks])
    assert "order_not_null" not in named
    assert "breaks" not in named


def test_all_else_in_the_report_stays_as_it_was(shop: Shop, sampled: Sampled) -> None:
    bare = tuple(msgspec.structs.replace(result, sample=None) for result in sampled.report.results)
    assert msgspec.structs.replace(sampled.report, results=bare) == shop.report()


def test_values_become_text_that_can_be_read_again(sampled: Sampled) -> None:
    sample = sampled.samples["oddities"]
    cells = dict(zip(sample.columns, sample.rows[0], strict=True))
    long_text = cells.pop("long_text")
    assert cells == {
        "not_a_number": "nan",
        "tenth": "0.1",
        "bytes": "01ff",
        "price": "12.340",
        "list": '["x", null]',
        "nested": '{"k": "2024-01-31"}',
        "mapped": '{"1": true}',
        "city": "Zürich 🚲",
        "at": "2024-01-31T10:00:00",
        "day": "2024-01-31",
        "yes": "true",
        "nothing": None,
        "coloured": "red line",
        "word": "null",
    }
    assert long_text == "ab" * ((LONGEST_CELL - 1) // 2) + "a…"


def test_a_table_wider_than_can_be_looked_at_is_cut_and_says_so(sampled: Sampled) -> None:
    assert sampled.samples["too_wide"].columns == tuple(f"c{number}" for number in range(MOST_COLUMNS))
    assert sampled.remark("too_wide") == "the first 50 of 61 columns are shown"


def test_no_more_rows_are_read_than_were_asked_for(shop: Shop) -> None:
    sampled = shop.sampled(1)
    assert len(sampled.samples["id_not_null"].rows) == 1


def test_asking_for_no_rows_reads_nothing(shop: Shop) -> None:
    sampled = shop.sampled(0)
    assert (sampled.report, sampled.remarks) == (shop.report(), [])


def test_nobody_gets_a_whole_table(changed: Sampled) -> None:
    assert len(changed.samples["status_accepted"].rows) == MOST_ROWS
    assert "at most 1000 rows of a test are read, not 100000" in changed.remarks


# What is masked


def test_no_byte_of_the_report_or_the_remarks_holds_a_personal_value(sampled: Sampled) -> None:
    said = encode(sampled.report) + "\n".join(sampled.remarks).encode()
    assert PLANTED.encode() not in said
    assert PLANTED.upper().encode() not in said


def test_a_personal_column_is_named_and_its_values_are_not_read(sampled: Sampled) -> None:
    sample = sampled.samples["id_not_null"]
    assert (sample.columns, sample.masked) == (("customer_id", "city", "nickname"), ("email",))


@pytest.mark.parametrize("name", ["email_unique", "email_accepted", "order_of_customer"])
def test_a_personal_column_is_masked_under_the_name_that_dbt_gives_it(sampled: Sampled, name: str) -> None:
    sample = sampled.samples[name]
    assert (sample.columns, sample.rows) == ((), ())
    assert sample.masked[0] in {"unique_field", "value_field", "from_field"}
    assert sampled.remark(name) == "no failing rows: all of its columns are masked"


def test_of_a_test_on_a_personal_column_only_columns_known_to_be_harmless_are_shown(sampled: Sampled) -> None:
    sample = sampled.samples["email_not_null"]
    assert (sample.columns, sample.masked) == (("customer_id", "city"), ("email", "nickname"))


@pytest.mark.parametrize(
    ("name", "shown", "masked"),
    [("aliased", ("city", "order_id"), ("contact", "note")), ("city_shouting", ("city",), ("loud",))],
)
def test_own_sql_may_rename_a_personal_column_so_unknown_names_are_masked(
    sampled: Sampled, name: str, shown: tuple[str, ...], masked: tuple[str, ...]
) -> None:
    sample = sampled.samples[name]
    assert (sample.columns, sample.masked) == (shown, masked)


def test_of_a_personal_dataset_no_row_is_read(sampled: Sampled) -> None:
    assert sampled.remark("people_city") == "no failing rows: all of people is marked as personal (pii)"
    assert "people_city" not in sampled.samples


def test_tables_that_dbt_does_not_know_of_are_not_read(sampled: Sampled) -> None:
    assert "without ref() or source()" in sampled.remark("unreferenced")


def test_only_included_columns_are_shown_and_excluded_ones_never(shop: Shop) -> None:
    sampled = shop.sampled(include=("C*", "email"), exclude=("*_ID",))
    assert sampled.samples["id_not_null"].columns == ("city",)
    assert sampled.samples["id_not_null"].masked == ("customer_id", "email", "nickname")


def test_an_excluded_column_is_masked_under_the_name_that_dbt_gives_it(shop: Shop) -> None:
    sampled = shop.sampled(exclude=("city",))
    assert sampled.samples["city_accepted"].columns == ()
    assert sampled.samples["status_accepted"].columns == ("value_field", "n_records")


# What can't be read


def test_a_test_that_keeps_no_rows_says_so(sampled: Sampled) -> None:
    assert "store_failures is off" in sampled.remark("city_not_null_unstored")


@pytest.fixture(scope="module")
def changed(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Sampled:
    """Somebody was at the failure tables after the run: one is gone, one empty, one has grown."""
    other = shop.copied_to(tmp_path_factory.mktemp("changed") / "shop")
    other.execute("drop table main_dbt_test__audit.city_accepted")
    other.execute("delete from main_dbt_test__audit.id_unique")
    other.execute("insert into main_dbt_test__audit.status_accepted select 'lost', i from range(5000) as t(i)")
    return other.sampled(100_000)


def test_a_table_that_is_gone_is_told(changed: Sampled) -> None:
    assert "its table is gone" in changed.remark("city_accepted")
    assert "city_accepted" not in changed.samples


def test_an_empty_table_is_not_of_the_run_that_failed(changed: Sampled) -> None:
    assert "rewritten after this run" in changed.remark("id_unique")
    assert "id_unique" not in changed.samples


@pytest.fixture
def held_shop(own_shop: Shop) -> Iterator[Shop]:
    """Another process has the database open for writing."""
    code = f"import duckdb, sys; c = duckdb.connect({str(own_shop.database)!r}); print(1, flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout
        assert holder.stdout.readline()
        yield own_shop
    finally:
        holder.communicate(timeout=LONGEST_WAIT_SECONDS)


def test_a_locked_database_is_one_remark(held_shop: Shop) -> None:
    sampled = held_shop.sampled()
    assert sampled.samples == {}
    assert "locked by another process" in sampled.remark("failing rows")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"target": "elsewhere"}, "nowhere.duckdb does not exist"),
        ({"profile": "none_such"}, "profile can't be loaded"),
        ({"target": "unheard_of"}, "pip install dbt-lotus123"),
        ({"target": "broken"}, "profile can't be loaded"),
    ],
    ids=str,
)
def test_a_profile_that_does_not_fit_is_one_remark_without_its_contents(
    shop: Shop, asked: dict[str, str], reason: str
) -> None:
    before = contents(shop.folder)
    sampled = shop.sampled(**asked)
    assert sampled.samples == {}
    assert reason in sampled.remark("failing rows")
    assert "hunter2" not in "".join(sampled.remarks)
    assert contents(shop.folder) == before


def test_a_folder_without_a_project_is_one_remark(shop: Shop, tmp_path: Path) -> None:
    request = shop.request(1)
    report, remarks = attach_samples(shop.report(), type(request)(1, shop.manifest, project_dir=tmp_path))
    assert report == shop.report()
    assert "project or profile can't be loaded" in remarks[-1]


def test_a_manifest_that_is_missing_costs_the_rows_and_not_the_run(shop: Shop, tmp_path: Path) -> None:
    request = shop.request(1)
    report, remarks = attach_samples(shop.report(), type(request)(1, tmp_path / "none.json"))
    assert report == shop.report()
    assert ["no such file" in remark for remark in remarks] == [True]


def test_without_dbt_the_remark_says_what_to_install(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(python_without_dbt(tmp_path, monkeypatch)))
    sampled = shop.sampled()
    assert sampled.remark("failing rows") == "dbt is not installed beside qalita-ingest: pip install dbt-duckdb"


def python_without_dbt(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that holds what reading artifacts needs, and no dbt."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "bare"], check=True, capture_output=True)
    packages = folder / "packages"
    packages.mkdir()
    for name in ("qalita_ingest", "msgspec"):
        found = find_spec(name)
        assert found
        assert found.submodule_search_locations
        (packages / name).symlink_to(found.submodule_search_locations[0])
    described = Path(str(distribution("qalita-ingest").locate_file(""))).glob("qalita_ingest-*.dist-info")
    (packages / "qalita_ingest-0.dist-info").symlink_to(next(described))
    monkeypatch.setenv("PYTHONPATH", str(packages))
    return folder / "bare" / "bin" / "python"


# What may not happen


def test_reading_writes_nothing_into_the_project(shop: Shop) -> None:
    before = contents(shop.folder)
    assert shop.sampled().samples
    assert contents(shop.folder) == before
    assert "target/run_results.json" in before
    assert "logs/dbt.log" in before


def test_profile_and_project_are_found_from_any_folder(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shop.sampled().samples
    assert list(tmp_path.iterdir()) == []


def test_a_later_run_in_the_same_ingest_has_rewritten_the_table(shop: Shop) -> None:
    report = shop.report()
    (invocation,) = report.invocations
    later = msgspec.structs.replace(invocation, id="later")
    passed = [
        msgspec.structs.replace(one, invocation="later", status=ResultStatus.PASSED)
        for one in report.results
        if "city_accepted" in one.check
    ]
    both = msgspec.structs.replace(report, invocations=(invocation, later), results=(*report.results, *passed))
    sampled, remarks = attach_samples(both, shop.request(5))
    assert all(one.sample is None for one in sampled.results if "city_accepted" in one.check)
    assert any("later run" in remark for remark in remarks)


def test_a_relation_that_is_more_than_a_name_is_never_put_into_a_query(own_shop: Shop) -> None:
    report = own_shop.report()
    results = tuple(
        msgspec.structs.replace(one, relation='"shop"."raw"."orders"; drop table raw.orders') for one in report.results
    )
    sampled, remarks = attach_samples(msgspec.structs.replace(report, results=results), own_shop.request(5))
    assert all(one.sample is None for one in sampled.results)
    assert any("not the name of a table" in remark for remark in remarks)
    with duckdb.connect(str(own_shop.database)) as connection:
        assert connection.execute("select count(*) from raw.orders").fetchone() == (2,)


def order(shop: Shop, rows_in_all: int = 100) -> Order:
    tables = [Table(f"main_dbt_test__audit.{name}", ColumnPolicy(Patterns())) for name in ("id_not_null", "id_unique")]
    return Order(
        ("--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder)), "duckdb", 2, rows_in_all, tuple(tables)
    )


def test_a_run_holds_a_bounded_number_of_rows(shop: Shop) -> None:
    first, last = readings_of(order(shop, rows_in_all=2), LONGEST_WAIT_SECONDS)
    assert first.sample
    assert len(first.sample.rows) == 2
    assert "at most 2 failing rows" in (last.remark or "")


def test_a_database_that_does_not_answer_is_given_up(shop: Shop) -> None:
    started = time.monotonic()
    (reading,) = readings_of(order(shop), timeout_seconds=0.2)
    assert "took longer than 0.2 seconds" in (reading.remark or "")
    assert time.monotonic() - started < LONGEST_WAIT_SECONDS


@pytest.mark.parametrize(
    ("program", "reason"), [("/bin/false", "ended with status 1"), ("/no/such/python", "can't be started")]
)
def test_a_reader_that_dies_is_a_remark(shop: Shop, monkeypatch: pytest.MonkeyPatch, program: str, reason: str) -> None:
    monkeypatch.setattr(sys, "executable", program)
    assert reason in shop.sampled().remark("failing rows")
