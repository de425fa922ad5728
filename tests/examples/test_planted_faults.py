"""Every check of the dbt example fires on its fault, and no other check does.

A fault is planted into a copy of the built database. Whether a data test fires depends on one thing: how many rows its
query returns. So the queries of all of them, as dbt compiled them, are counted before and after, and exactly one count
may differ; then dbt runs that one test and must report worse than before. A unit test does not look at the data:
its fault is a change in the model's SQL.
"""

# ruff: noqa: S608 - all the SQL put together here is written here
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

# Worse is further right.
SEVERITIES = ["pass", "warn", "fail", "error"]

A_MEASUREMENT = "measurement_id = (select min(measurement_id) from stg_airquality where parameter = 'no' and value > 9)"
A_STATION = "location = 'AT10001'"
A_METRIC = "city = 'Paris' and parameter = 'no2'"
A_SERIES = "location = 'AT0VOR1' and parameter = 'no2'"
A_ROW_OF_THE_SOURCE = "location = 'Chatelet' and parameter = 'no' and date_utc = '2016-09-01 00:00'"
WITHOUT_VALUE = "value = null, original_value = null, quality = 'missing'"


def measurement(change: str) -> list[str]:
    return [f"update stg_airquality set {change} where {A_MEASUREMENT}"]


def station(change: str) -> list[str]:
    return [f"update stg_stations set {change} where {A_STATION}"]


def metric(change: str) -> list[str]:
    return [f"update airquality_metrics set {change} where {A_METRIC}"]


def source(change: str) -> list[str]:
    return [f"update opendata_airquality set {change} where {A_ROW_OF_THE_SOURCE}"]


def implausible(parameter: str) -> list[str]:
    first = f"select min(measurement_id) from stg_airquality where parameter = '{parameter}' and value < 100"
    return [f"update stg_airquality set value = 99999 where measurement_id = ({first})"]


def in_series(series: str, change: str, when: str) -> list[str]:
    return [f"update stg_airquality set {change} where {series} and {when}"]


def between(first: str, last: str) -> str:
    return f"measured_at between timestamp '{first}' and timestamp '{last}'"


EARLIER_LOAD = "insert into load_log select 'earlier', seed, {rows}, loaded_at - interval 1 hour from load_log"

# Data test → the SQL that plants its fault, where a real fault would appear: in the source, the log, or a built table.
FAULTS_IN_DATA: dict[str, list[str]] = {
    # the load log
    "load_has_an_id": ["update load_log set load_id = null"],
    "load_is_logged_once": [EARLIER_LOAD.format(rows="row_count"), "update load_log set load_id = 'one'"],
    "load_is_not_empty": [EARLIER_LOAD.format(rows="0")],
    "load_has_a_time": ["insert into load_log values ('timeless', 'opendata_airquality', 15955, null)"],
    "last_load_is_complete": ["update load_log set row_count = row_count + 1"],
    # the source
    "source_names_the_station": source("location = null"),
    "source_names_the_pollutant": source("parameter = null"),
    "source_names_the_hour": source("date_utc = null"),
    "source_has_no_duplicates": [
        f"insert into opendata_airquality select * from opendata_airquality where {A_ROW_OF_THE_SOURCE}",
        "update load_log set row_count = row_count + 1",
    ],
    "staging_keeps_every_measurement": source("date_utc = '2016-09-01T01:00Z'"),
    "listed_station_has_a_code": [f"update stations set location = null where {A_STATION}"],
    "station_is_listed_once": [f"insert into stations select * from stations where {A_STATION}"],
    # stations
    "station_has_a_code": ["insert into stg_stations (city, country) values ('Graz', 'AT')"],
    "station_is_unique": [f"insert into stg_stations select * from stg_stations where {A_STATION}"],
    "station_has_measurements": ["insert into stg_stations (location, city, country) values ('AT0000', 'Graz', 'AT')"],
    "station_has_a_city": station("city = null"),
    "station_has_a_country": station("country = null"),
    "latitude_exists_on_earth": station("latitude = 90.5"),
    "longitude_exists_on_earth": station("longitude = -180.5"),
    # measurements
    "measurement_has_an_id": measurement("measurement_id = null"),
    "measurement_is_unique": measurement("measurement_id = (select max(measurement_id) from stg_airquality)"),
    "measurement_has_a_city": measurement("city = null"),
    "measurement_has_a_country": measurement("country = null"),
    "measurement_has_a_station": measurement("location = null, time_base = 'utc'"),
    "station_is_known": measurement("location = 'Atlantis', time_base = 'utc'"),
    "measurement_has_a_pollutant": measurement("parameter = null"),
    "pollutant_is_known": measurement("parameter = 'phlogiston'"),
    "measurement_has_a_time": measurement("measured_at = null"),
    "measurement_is_not_in_the_future": measurement(f"measured_at = measured_at + interval 1000 year, {WITHOUT_VALUE}"),
    "no_gap_longer_than_24_hours": in_series(
        "location = 'Chatelet' and parameter = 'no2'", WITHOUT_VALUE, between("2016-11-10 00:00", "2016-11-11 06:00")
    ),
    "given_value_is_a_number": measurement("value = null, original_value = 'about 7'"),
    "value_is_not_negative": measurement("value = -1"),
    "no_is_plausible": implausible("no"),
    "no2_is_plausible": implausible("no2"),
    "pm10_is_plausible": implausible("pm10"),
    "pm25_is_plausible": implausible("pm25"),
    "co_is_plausible": implausible("co"),
    "value_is_not_stuck": in_series(A_SERIES, "value = 2.5", between("2017-06-05 01:00", "2017-06-05 09:00")),
    "at_most_10_percent_missing": in_series(
        A_SERIES, WITHOUT_VALUE, "extract(hour from measured_at) < 9 and extract(day from measured_at) in (1, 5, 9)"
    ),
    "no_hour_is_always_missing": in_series(A_SERIES, WITHOUT_VALUE, "extract(hour from measured_at) = 5"),
    "measurement_has_a_unit": measurement("unit = null"),
    "unit_is_micrograms": measurement("unit = 'unknown'"),
    "measurement_has_a_quality": measurement("quality = null"),
    "quality_is_a_known_word": measurement("quality = 'fine'"),
    "measurement_has_a_time_base": measurement("time_base = null"),
    "time_base_is_a_known_word": measurement("time_base = 'sundial'"),
    "clock_is_certain": ["update stg_airquality set time_base = 'uncertain' where location = 'Del Norte'"],
    # metrics
    "mart_counts_every_measurement": metric("measurement_count = measurement_count - 1"),
    "mart_statistics_are_in_order": metric("median_value = p95_value + 1"),
    "city_pollutant_and_unit_are_unique": ["update airquality_metrics set city = 'Praha' where city = 'Plzeň'"],
    "metric_has_an_id": metric("metric_id = null"),
    "metric_is_unique": [
        "update airquality_metrics set metric_id = 'one' where city = 'Paris' and parameter like 'no%'"
    ],
    "metric_has_a_city": metric("city = null"),
    "metric_has_a_pollutant": metric("parameter = null"),
    "metric_has_a_unit": metric("unit = null"),
    "metric_counts_something": [
        "update airquality_metrics set measurement_count = 0 where city = 'Paris' and parameter <> 'pm10'",
        "update airquality_metrics set measurement_count = 8715 where city = 'Paris' and parameter = 'pm10'",
    ],
    "metric_has_a_usable_value": metric("usable_count = 0"),
    "missing_share_is_a_share": metric("missing_share = 5.68"),
    "metric_has_a_first_time": metric("first_measured_at = null"),
    "metric_has_a_last_time": metric("last_measured_at = null"),
}

STAGING = "models/staging/stg_airquality.sql"
METRICS = "models/marts/airquality_metrics.sql"

# Unit test → the file, a piece of its SQL, and the mistake put in its place.
FAULTS_IN_MODELS: dict[str, tuple[str, str, str]] = {
    "units_become_micrograms": (STAGING, "number_given * factor as value", "number_given as value"),
    "missing_texts_become_null": (STAGING, "{{ text_or_null('value') }} as value_text", "trim(value) as value_text"),
    "quality_says_what_is_wrong": (STAGING, "when number_given < 0 then 'negative'", ""),
    "times_become_utc": (STAGING, "{{ utc_timestamp('date_utc') }}", "try_cast(date_utc as timestamp)"),
    "pollutants_get_one_spelling": (STAGING, "{{ plain_parameter('parameter') }}", "lower(trim(parameter))"),
    "city_comes_from_the_station": (STAGING, "coalesce(flagged.city, stations.city)", "flagged.city"),
    "duplicates_keep_the_usable_row": (STAGING, "value desc", "value"),
    "time_base_follows_the_zone": (STAGING, "then 'utc' else 'uncertain'", "then 'utc' else 'utc'"),
    "statistics_take_usable_values_only": (METRICS, "case when quality = 'ok' then value end", "value"),
}


@dataclass(frozen=True)
class Baseline:
    """What the built copy shows before anything is planted."""

    copy: Any
    manifest: Any
    results: dict[str, Any]
    counts: dict[str, int]

    def counts_in(self, database: Path) -> dict[str, int]:
        return count_failing_rows(database, self.results)


def count_failing_rows(database: Path, results: dict[str, Any]) -> dict[str, int]:
    """Data test → how many rows its query returns."""
    counts = {}
    with duckdb.connect(str(database)) as connection:
        for name, result in results.items():
            query = f"select count(*) from ({result['compiled_code']})"
            counts[name] = connection.execute(query).fetchall()[0][0]
    return counts


@pytest.fixture(scope="module")
def baseline(built: Any, tmp_path_factory: pytest.TempPathFactory, run_dbt: Callable[..., Any]) -> Baseline:
    copy = type(built)(tmp_path_factory.mktemp("baseline") / "example_dbt")
    shutil.copytree(built.folder, copy.folder)
    results = built.artifact("steps/test.run_results.json")["results"]
    data_tests = {result["unique_id"].split(".")[2]: result for result in results if result["unique_id"][:5] == "test."}
    return Baseline(copy, run_dbt(copy, "parse"), data_tests, count_failing_rows(copy.database, data_tests))


@pytest.fixture
def planted(baseline: Baseline, tmp_path: Path) -> Any:
    """A copy of the project to plant into."""
    folder = tmp_path / "example_dbt"
    shutil.copytree(baseline.copy.folder, folder, ignore=shutil.ignore_patterns("compiled", "run", "logs"))
    return type(baseline.copy)(folder)


def plant(database: Path, statements: list[str]) -> None:
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_every_check_has_a_planted_fault(built: Any) -> None:
    manifest = built.artifact("manifest.json")
    data_tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    unit_tests = {node["name"] for node in manifest["unit_tests"].values()}

    assert set(FAULTS_IN_DATA) == data_tests
    assert set(FAULTS_IN_MODELS) == unit_tests


def test_counting_rows_gives_what_dbt_reported(baseline: Baseline) -> None:
    reported = {name: result["failures"] for name, result in baseline.results.items()}

    assert baseline.counts == reported


@pytest.mark.parametrize("check", FAULTS_IN_DATA)
def test_data_test_fires_alone_on_its_fault(
    check: str, baseline: Baseline, planted: Any, run_dbt: Callable[..., Any]
) -> None:
    plant(planted.database, FAULTS_IN_DATA[check])

    before, after = baseline.counts, baseline.counts_in(planted.database)
    changed = {name for name in before if before[name] != after[name]}
    (result,) = run_dbt(planted, "test", "--select", check, manifest=baseline.manifest).results

    assert changed == {check}
    assert result.failures == after[check] > before[check]
    assert SEVERITIES.index(result.status) >= SEVERITIES.index(baseline.results[check]["status"])
    assert result.status != "pass"


@pytest.mark.parametrize("check", FAULTS_IN_MODELS)
def test_unit_test_fires_alone_on_its_fault(check: str, planted: Any, run_dbt: Callable[..., Any]) -> None:
    file, sql, mistake = FAULTS_IN_MODELS[check]
    planted.replace_in(file, sql, mistake)

    results = run_dbt(planted, "test", "--select", "test_type:unit").results

    assert {result.node.name for result in results if result.status != "pass"} == {check}
    assert {result.node.name for result in results} == set(FAULTS_IN_MODELS)


@pytest.mark.parametrize(("age", "status"), [("25 hours", "warn"), ("8 days", "error")])
def test_freshness_fires_alone_on_an_old_load(
    age: str, status: str, baseline: Baseline, planted: Any, run_dbt: Callable[..., Any]
) -> None:
    plant(planted.database, [f"update load_log set loaded_at = loaded_at - interval '{age}'"])

    (result,) = run_dbt(planted, "source", "freshness", manifest=baseline.manifest).results

    assert result.status == status
    assert baseline.counts_in(planted.database) == baseline.counts
