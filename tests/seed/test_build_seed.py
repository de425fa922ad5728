"""The script that rebuilds the open data reads its sources right, and says in one line what goes wrong.

The excerpts below are cut from the three archives that DATA.md names; each says from which file.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seed_files import ROOT, SEEDS, rows_of

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
