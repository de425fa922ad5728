"""The numbers in the metrics are right: calculated once more from the CSV, without SQL."""

import csv
import datetime as dt
import math
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

MICROGRAMS = {"µg/m3": 1.0, "µg/m³": 1.0, "kg/m3": 1e9}
MISSING = {"", "NA", "nan"}
METRICS = """
    select
        city, parameter, measurement_count, usable_count,
        missing_share, min_value, max_value, mean_value, median_value, p95_value,
        first_measured_at, last_measured_at
    from airquality_metrics
"""

# Counts, numbers, and times, each in the order of the query.
Metrics = tuple[list[int], list[float], list[dt.datetime]]


@pytest.fixture(scope="module")
def measurements(example: Path) -> list[dict[str, str]]:
    with (example / "seeds" / "opendata_airquality.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected_metrics(rows: list[dict[str, str]], cities: dict[str, str]) -> dict[tuple[str, str], Metrics]:
    groups = defaultdict(list)
    for row in rows:
        groups[row["city"] or cities[row["location"]], row["parameter"]].append(row)
    return {key: metrics_of(group) for key, group in groups.items()}


def metrics_of(group: list[dict[str, str]]) -> Metrics:
    values = sorted(float(row["value"]) * MICROGRAMS[row["unit"]] for row in group if row["value"] not in MISSING)
    times = [dt.datetime.fromisoformat(row["date_utc"]).replace(tzinfo=None) for row in group]
    missing_share = 1 - len(values) / len(group)
    middle = [statistics.fmean(values), statistics.median(values), percentile(values, 0.95)]
    return [len(group), len(values)], [missing_share, values[0], values[-1], *middle], [min(times), max(times)]


def percentile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


def test_the_metrics_are_right(built: Any, example: Path, measurements: list[dict[str, str]]) -> None:
    with (example / "seeds" / "stations.csv").open(encoding="utf-8", newline="") as file:
        cities = {row["location"]: row["city"] for row in csv.DictReader(file)}
    expected = expected_metrics(measurements, cities)
    found = {(city, parameter): values for city, parameter, *values in built.rows(METRICS)}

    assert found.keys() == expected.keys()
    for key, (counts, numbers, times) in expected.items():
        assert found[key][:2] == counts
        assert found[key][2:-2] == pytest.approx(numbers)
        assert found[key][-2:] == times


def test_building_again_gives_the_same_numbers(built: Any, fresh_copy: Any, run_dbt: Any) -> None:
    run_dbt(fresh_copy, "run")

    for table in ("stg_airquality", "airquality_metrics"):
        query = f"from {table} order by all"
        assert fresh_copy.rows(query) == built.rows(query)
