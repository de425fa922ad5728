"""The open data: DATA.md says what the seed holds, and so it is."""

import hashlib
import itertools
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from seed_files import ROOT, SEEDS, Row, rows_of

MISSING = {"", "NA", "nan"}
HOUR = timedelta(hours=1)
BLOCK_OF = {"Chatelet": "RATP", "Del Norte": "OpenAQ"}

Series = list[tuple[datetime, str]]


@pytest.fixture(scope="module")
def measurements() -> list[Row]:
    return rows_of(SEEDS / "opendata_airquality.csv")


@pytest.fixture(scope="module")
def series(measurements: list[Row]) -> dict[tuple[str, str], Series]:
    found: dict[tuple[str, str], Series] = defaultdict(list)
    for row in measurements:
        at = datetime.fromisoformat(row["date_utc"]).replace(tzinfo=UTC)
        found[row["location"], row["parameter"]].append((at, row["value"]))
    return found


# DATA.md against the file.


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "DATA.md").read_text(encoding="utf-8")


def table_under(page: str, heading: str) -> list[Row]:
    section = re.split(r"\n##", page.split(f"\n## {heading}\n")[1], maxsplit=1)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


def number(text: str) -> int:
    return int(text.replace(",", ""))


def absent_hours(one: Series) -> list[int]:
    return [hours for (a, _), (b, _) in itertools.pairwise(one) if (hours := (b - a) // HOUR - 1)]


def runs(one: Series, *, of_missing: bool) -> Iterator[int]:
    """Lengths of the runs of consecutive hours that all miss their value, or that all have the same one."""

    def kind(position: tuple[int, tuple[datetime, str]]) -> tuple[str, datetime]:
        index, (at, value) = position
        return "missing" if value in MISSING else value, at - index * HOUR

    for (value, _), members in itertools.groupby(enumerate(one), key=kind):
        if (value == "missing") == of_missing:
            yield sum(1 for _ in members)


def beyond(one: Series, is_odd: Callable[[float, float], bool]) -> int:
    values = [float(value) for _, value in one if value not in MISSING]
    median = statistics.median(values)
    return sum(is_odd(value, median) for value in values)


def sundays_without_noon(one: Series) -> int:
    hours = {at for at, _ in one}
    days = {at.date() for at in hours}
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=UTC) for day in days if day.isoweekday() == 7]
    return sum(noon > min(hours) and noon not in hours for noon in noons)


def measured_faults(rows: list[Row], series: dict[tuple[str, str], Series]) -> dict[str, int]:
    values = [row["value"] for row in rows]
    numbers = [float(value) for value in values if value not in MISSING]
    gaps = [hours for one in series.values() for hours in absent_hours(one)]
    equal = [length for one in series.values() for length in runs(one, of_missing=False) if length >= 6]
    return {
        "value `NA`": values.count("NA"),
        "value `nan`": values.count("nan"),
        "value empty": values.count(""),
        "value negative": sum(value < 0 for value in numbers),
        "value zero": numbers.count(0),
        "value in exponent notation": sum("e" in value for value in values),
        "same location, parameter and date_utc twice": len(rows)
        - len({(row["location"], row["parameter"], row["date_utc"]) for row in rows}),
        "absent hours": sum(gaps),
        "gaps that make up the absent hours": len(gaps),
        "longest gap, in hours": max(gaps),
        "Sundays without the row of 12:00 UTC in Albuquerque": sundays_without_noon(series["Del Norte", "pm25"]),
        "values missing at 01:00 in the ten Czech series": sum(
            row["country"] == "CZ" and row["date_utc"].endswith(" 01:00") and row["value"] in MISSING for row in rows
        ),
        "longest run of missing values, in hours": max(
            length for one in series.values() for length in runs(one, of_missing=True)
        ),
        "runs of 6 or more equal values in consecutive hours": len(equal),
        "longest such run, in hours": max(equal),
        "values above 10 times the median of their series": sum(
            beyond(one, lambda value, median: value > 10 * median) for one in series.values()
        ),
        "values above zero and below a hundredth of the median of their series": sum(
            beyond(one, lambda value, median: 0 < value < median / 100) for one in series.values()
        ),
        "rows without a city": sum(not row["city"] for row in rows),
        "spellings of the unit": len({row["unit"] for row in rows}),
        "spellings of the date": len({re.sub(r"\d", "9", row["date_utc"]) for row in rows}),
    }


def test_the_faults_are_as_many_as_the_page_says(
    page: str, measurements: list[Row], series: dict[tuple[str, str], Series]
) -> None:
    said = {line["fault"]: number(line["count"]) for line in table_under(page, "Real faults")}

    assert said == measured_faults(measurements, series)


@pytest.mark.parametrize("block", ["RATP", "European", "OpenAQ"])
def test_a_block_is_as_the_page_says(
    page: str, measurements: list[Row], series: dict[tuple[str, str], Series], block: str
) -> None:
    said = {line["block"]: line for line in table_under(page, "The blocks")}[block]
    rows = [row for row in measurements if BLOCK_OF.get(row["location"], "European") == block]
    of_block = [one for (location, _), one in series.items() if BLOCK_OF.get(location, "European") == block]

    assert {
        "block": block,
        "stations": str(len({row["location"] for row in rows})),
        "country": ", ".join(sorted({row["country"] for row in rows})),
        "parameters": ", ".join(sorted({row["parameter"] for row in rows})),
        "first": min(row["date_utc"] for row in rows),
        "last": max(row["date_utc"] for row in rows),
        "rows": f"{len(rows):,}",
        "missing values": f"{sum(row['value'] in MISSING for row in rows):,}",
        "absent hours": f"{sum(sum(absent_hours(one)) for one in of_block):,}",
    } == said


def test_the_opening_sentence_counts_right(
    page: str, measurements: list[Row], series: dict[tuple[str, str], Series]
) -> None:
    words = " ".join(page.split())

    assert f"{len(measurements):,} rows, hourly" in words
    assert f"{len({location for location, _ in series})} stations in" in words
    assert f"in {len({row['country'] for row in measurements})} countries" in words
    assert f"{len({parameter for _, parameter in series})} pollutants" in words
    assert f"pollutant at one station; there are {len(series)}." in words


def test_the_page_and_the_script_name_the_same_archives(page: str, builder: ModuleType) -> None:
    for archive in (builder.RATP, builder.EEA, builder.OPENAQ):
        assert f"`{archive.package}` {archive.version}" in page
        assert f"`{archive.filename}`" in page
        assert f"`{archive.sha256}`" in page


def test_the_page_gives_the_digest_of_the_seed(page: str) -> None:
    digest = hashlib.sha256((SEEDS / "opendata_airquality.csv").read_bytes()).hexdigest()

    assert f"SHA-256 of the file: `{digest}`" in page


def test_the_seed_is_plain_utf8_with_unix_line_ends() -> None:
    content = (SEEDS / "opendata_airquality.csv").read_bytes()

    assert content.decode("utf-8").startswith("city,country,location,parameter,value,unit,date_utc\n")
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert b'"' not in content


# stations.csv


def test_every_station_is_described_once(measurements: list[Row]) -> None:
    described = [row["location"] for row in rows_of(SEEDS / "stations.csv")]

    assert sorted(described) == sorted({row["location"] for row in measurements})


def test_every_station_has_a_city_and_says_where_its_facts_come_from() -> None:
    for row in rows_of(SEEDS / "stations.csv"):
        assert row["city"]
        assert len(row["basis"]) > 20
        assert -90 < float(row["latitude"]) < 90
        assert -180 < float(row["longitude"]) < 180


def test_stations_and_measurements_agree_on_country_and_city(measurements: list[Row]) -> None:
    stations = {row["location"]: row for row in rows_of(SEEDS / "stations.csv")}

    for row in measurements:
        assert row["country"] == stations[row["location"]]["country"]
        assert row["city"] in {"", stations[row["location"]]["city"]}
