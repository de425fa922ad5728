"""The open data: DATA.md says what the file holds, and the script that rebuilds it reads its sources right.

The excerpts below are cut from the three archives that DATA.md names; each says from which file.
"""

import csv
import hashlib
import itertools
import json
import re
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from script_modules import load_script

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "example_dbt" / "seeds"
MISSING = {"", "NA", "nan"}
HOUR = timedelta(hours=1)
BLOCK_OF = {"Chatelet": "RATP", "Del Norte": "OpenAQ"}

Row = dict[str, str]
Series = list[tuple[datetime, str]]


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    return load_script(ROOT / "scripts" / "build_seed.py")


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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


# From a source to rows.

# air.RData of r-cran-ks 1.14.0-1: rows 32134, 32135 and 32678, the last one with missing values
AIR = {
    "date": ["2016-08-31", "2016-09-01", "2016-09-23"],
    "time": ["23:00", "00:00", "15:00"],
    "no": ["8", "8", "NA"],
    "no2": ["25", "24", "NA"],
    "pm10": ["132", "216", "205"],
}
# atmo-evaltools 2.0.3, doc/sample_data/observations: the first lines of two files
OBSERVATIONS = {
    "2017_no2_AT0VOR1": "2017060100 2.05e-09\n2017060101 1.96e-09\n",
    "2017_co_CZ0HHKB": "2017060100 nan\n2017060101 nan\n",
}
# openaq 1.2.0, tests/fixtures/responses/measurements_1000.json: the first two results, without what is not read
ANSWER = """{"results":[
{"value":null,"parameter":{"id":2,"name":"pm25","units":"µg/m³","displayName":null},
 "period":{"label":"raw","datetimeFrom":{"utc":"2016-03-06T19:00:00Z","local":"2016-03-06T12:00:00-07:00"},
           "datetimeTo":{"utc":"2016-03-06T20:00:00Z","local":"2016-03-06T13:00:00-07:00"}}},
{"value":1.1,"parameter":{"id":2,"name":"pm25","units":"µg/m³","displayName":null},
 "period":{"label":"raw","datetimeFrom":{"utc":"2016-03-06T20:00:00Z","local":"2016-03-06T13:00:00-07:00"},
           "datetimeTo":{"utc":"2016-03-06T21:00:00Z","local":"2016-03-06T14:00:00-07:00"}}}
]}"""


def as_text(builder: ModuleType, rows: Iterator[Any]) -> list[str]:
    return builder.csv_bytes(rows).decode().splitlines()[1:]


def test_the_wide_table_becomes_one_row_per_pollutant_from_september_on(builder: ModuleType) -> None:
    assert as_text(builder, builder.ratp_rows(AIR)) == [
        "Paris,FR,Chatelet,no,8,µg/m3,2016-09-01 00:00",
        "Paris,FR,Chatelet,no2,24,µg/m3,2016-09-01 00:00",
        "Paris,FR,Chatelet,pm10,216,µg/m3,2016-09-01 00:00",
        "Paris,FR,Chatelet,no,NA,µg/m3,2016-09-23 15:00",
        "Paris,FR,Chatelet,no2,NA,µg/m3,2016-09-23 15:00",
        "Paris,FR,Chatelet,pm10,205,µg/m3,2016-09-23 15:00",
    ]


def test_observations_keep_their_text_and_are_ordered_by_station(builder: ModuleType) -> None:
    assert as_text(builder, builder.eea_rows(dict(reversed(OBSERVATIONS.items())))) == [
        ",AT,AT0VOR1,no2,2.05e-09,kg/m3,2017-06-01 00:00",
        ",AT,AT0VOR1,no2,1.96e-09,kg/m3,2017-06-01 01:00",
        ",CZ,CZ0HHKB,co,nan,kg/m3,2017-06-01 00:00",
        ",CZ,CZ0HHKB,co,nan,kg/m3,2017-06-01 01:00",
    ]


def test_an_answer_of_the_api_keeps_unit_and_end_of_the_hour(builder: ModuleType) -> None:
    assert as_text(builder, builder.openaq_rows(ANSWER)) == [
        "Albuquerque,US,Del Norte,pm25,,µg/m³,2016-03-06T20:00:00Z",
        "Albuquerque,US,Del Norte,pm25,1.1,µg/m³,2016-03-06T21:00:00Z",
    ]


@pytest.mark.parametrize("digits", ["0", "0.0", "10.0", "3.30", "1e-3"])
def test_a_number_keeps_the_digits_it_is_written_with(builder: ModuleType, digits: str) -> None:
    (row, *_) = builder.openaq_rows(ANSWER.replace("null,", f"{digits},", 1))

    assert row.value == digits


def test_the_excerpts_are_in_the_seed(builder: ModuleType) -> None:
    seed = set((SEEDS / "opendata_airquality.csv").read_text(encoding="utf-8").splitlines())
    rows = [*builder.ratp_rows(AIR), *builder.eea_rows(OBSERVATIONS), *builder.openaq_rows(ANSWER)]

    assert set(as_text(builder, iter(rows))) <= seed


def test_the_first_difference_is_named_with_its_line(builder: ModuleType) -> None:
    assert builder.first_difference(b"a\nb\n", b"a\nb\n") is None
    assert builder.first_difference(b"a\nb\n", b"a\nc\n").startswith("line 2 differs: the file has 'b'")
    assert "line 2 differs: the file has '', the archives give 'b'" in builder.first_difference(b"a\n", b"a\nb\n")
    assert "line 2 differs: the file has '(no line)'" in builder.first_difference(b"a", b"a\nb")


def test_a_member_of_a_debian_package_is_found_by_name(builder: ModuleType) -> None:
    # ar(5): a 60-byte header, then the content, padded to an even length
    headers = [
        f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{size:<10}`\n" for name, size in (("debian-binary", 3), ("x/", 2))
    ]
    archive = f"!<arch>\n{headers[0]}2.0\n{headers[1]}hi".encode()

    assert builder.ar_member(archive, "x") == b"hi"
    with pytest.raises(builder.BuildError, match="data is not in the Debian package"):
        builder.ar_member(archive, "data")


# What goes wrong gets one line and exit code 2.


def failed_line(builder: ModuleType, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert builder.main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_another_file_under_the_right_name_is_refused(
    builder: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / builder.RATP.filename).write_bytes(b"not the package")
    output = tmp_path / "seed.csv"

    line = failed_line(builder, capsys, "--archives", str(tmp_path), "--output", str(output))

    assert line.startswith(f"build_seed: {builder.RATP.filename} is not the file this seed was made from")
    assert builder.RATP.sha256 in line
    assert hashlib.sha256(b"not the package").hexdigest() in line
    assert not output.exists()


def test_a_folder_without_the_archives_is_refused(
    builder: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = failed_line(builder, capsys, "--archives", str(tmp_path))

    assert f"{builder.RATP.filename} can't be read (No such file or directory)" in line
    assert builder.OPENAQ.filename in line


def test_a_machine_without_apt_is_told_what_to_do(
    builder: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(builder.shutil, "which", lambda _name: None)

    assert "this is not a Debian machine; fetch it on a Debian 12 and pass --archives" in failed_line(builder, capsys)


def test_an_absent_reader_of_r_files_is_named_with_its_install_command(
    builder: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rdata", None)

    with pytest.raises(builder.BuildError, match=r"pip install --require-hashes -r requirements/seed\.txt"):
        builder.rdata_columns(b"")


def test_an_index_that_does_not_answer_is_named_without_its_password(
    builder: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://someone:secret@127.0.0.1:9/simple")  # port 9: nobody listens

    with pytest.raises(builder.BuildError) as caught:
        builder.from_index(builder.OPENAQ)

    assert str(caught.value).startswith("http://127.0.0.1:9/simple/openaq/ could not be read")
    assert "secret" not in str(caught.value)


def test_an_index_without_the_file_is_said_to_lack_it(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple/")
    monkeypatch.setattr(builder, "fetch", lambda url: (b"<a href='openaq-0.1.0.tar.gz'>x</a>", url))

    with pytest.raises(builder.BuildError, match=r"has no openaq-1\.2\.0\.tar\.gz"):
        builder.from_index(builder.OPENAQ)


def test_an_index_that_is_no_web_address_is_refused(builder: ModuleType) -> None:
    with pytest.raises(builder.BuildError, match=r"is not an http\(s\) address"):
        builder.fetch("file:///etc/passwd")


def test_a_failed_write_leaves_the_earlier_file(builder: ModuleType, tmp_path: Path) -> None:
    earlier = tmp_path / "seed.csv"
    earlier.mkdir()

    with pytest.raises(builder.BuildError, match="can't be written"):
        builder.write_whole(earlier, b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["seed.csv"]


# The package index.


def test_the_index_of_pip_comes_before_the_one_of_uv(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert builder.index_url() == "https://uv.example/simple"

    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple")
    assert builder.index_url() == "https://pip.example/simple"


def test_without_a_setting_pip_is_asked(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)

    assert builder.index_url().startswith("http")


def test_links_are_found_by_file_name(builder: ModuleType) -> None:
    # the layout of PEP 503
    page = b"""<html><body><h1>Links for openaq</h1>
      <a href="../../packages/openaq-1.2.0.tar.gz#sha256=b592" data-requires-python="&gt;=3.11">openaq-1.2.0.tar.gz</a>
      <a href="https://files.example/a%2Bb-1.0.tar.gz">a+b-1.0.tar.gz</a></body></html>"""

    assert builder.links_of(page) == {
        "openaq-1.2.0.tar.gz": "../../packages/openaq-1.2.0.tar.gz",
        "a+b-1.0.tar.gz": "https://files.example/a%2Bb-1.0.tar.gz",
    }


def test_a_relative_link_is_followed_from_where_the_page_came_from(
    builder: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(url: str) -> tuple[bytes, str]:
        asked.append(url)
        return b'<a href="../../files/openaq-1.2.0.tar.gz#sha256=b592">x</a>', "https://mirror.example/simple/openaq/"

    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setattr(builder, "fetch", answer)

    with pytest.raises(builder.BuildError, match="is not the file this seed was made from"):
        builder.from_index(builder.OPENAQ)

    assert asked == ["https://index.example/simple/openaq/", "https://mirror.example/files/openaq-1.2.0.tar.gz"]


# With the real archives.


@pytest.mark.network
@pytest.mark.skipif(shutil.which("apt-get") is None, reason="one archive comes through apt-get")
def test_the_archives_give_the_seed_byte_for_byte(tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", tmp_path / "venv"],
        [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements" / "seed.txt"],
    ):
        subprocess.run(command, check=True)

    done = subprocess.run(
        [python, ROOT / "scripts" / "build_seed.py", "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "is what the archives give: 15955 rows" in done.stdout


@pytest.mark.network
def test_positions_and_types_of_stations_are_those_of_the_archives(builder: ModuleType) -> None:
    listing = builder.tar_file(builder.from_index(builder.EEA), "atmo_evaltools-2.0.3/doc/sample_data/listing")
    place = json.loads(
        builder.tar_file(builder.from_index(builder.OPENAQ), "openaq-1.2.0/tests/unit/resources/location.json")
    )
    stations = {row["location"]: row for row in rows_of(SEEDS / "stations.csv")}
    kinds = {"bac": "background", "tra": "traffic", "ind": "industrial"}
    areas = {"urb": "urban", "sub": "suburban", "rur": "rural"}

    for code, kind, area, latitude, longitude in (line.split() for line in listing.decode().splitlines()[1:]):
        if code != "AD0942A":  # in the list, but without observations
            found = [stations[code][name] for name in ("station_type", "area_type", "latitude", "longitude")]
            assert found == [kinds[kind], areas[area], latitude, longitude]
    norte = stations[place["name"]]
    assert (norte["city"], norte["country"]) == (place["locality"], place["country"]["code"])
    assert [float(norte["latitude"]), float(norte["longitude"])] == list(place["coordinates"].values())
