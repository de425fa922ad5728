"""The validator of the dbt example, loaded by its path: the example is copied out alone and is no package."""

import codecs
import csv
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest

from script_modules import load_script

EXAMPLE = Path(__file__).resolve().parents[2] / "example_dbt"
SCRIPT = EXAMPLE / "scripts" / "validate_seed.py"
HEADER = "city,country,location,parameter,value,unit,date_utc"
ROW = "Paris,FR,Chatelet,no,8,µg/m3,2016-09-01 00:00"


@pytest.fixture(scope="module")
def validator() -> ModuleType:
    return load_script(SCRIPT)


def a_row(**changed: str) -> str:
    return ",".join({**dict(zip(HEADER.split(","), ROW.split(","), strict=True)), **changed}.values())


def a_file(folder: Path, *lines: str, name: str = "measurements.csv") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


BAD_FILES = {
    "empty file": (b"", "measurements.csv: the file is empty"),
    "only blank lines": (b"\n\n", "measurements.csv: the file is empty"),
    "header without rows": (f"{HEADER}\n".encode(), "line 2: there is no row"),
    "missing column": (b"city,country,location,parameter,unit,date_utc\n", "line 1, column value: it is missing"),
    "renamed column": (HEADER.replace("unit", "units").encode(), "line 1, column unit: it is missing"),
    "semicolons": (HEADER.replace(",", ";").encode(), "column city: it is missing among 'city;country;"),
    "no header": (ROW.encode(), "line 1, column city: it is missing"),
    "column twice": (f"{HEADER},value\n".encode(), "line 1, column value: it stands twice"),
    "both spellings of the date": (f"{HEADER},date.utc\n".encode(), "line 1, column date_utc: it stands twice"),
    "extra column twice": (f"{HEADER},x,x\n".encode(), "line 1, column x: it stands twice"),
    "latin-1 bytes": (f"{HEADER}\n{ROW}\n{ROW}\n".encode("latin-1"), "line 2: byte 0xb5 at position 24 is not UTF-8"),
    "latin-1 on a later line": (f"{HEADER}\n{ROW}\n".encode() + b"\xe9\n", "line 3: byte 0xe9 at position 1"),
    "UTF-16": (f"{HEADER}\n{ROW}\n".encode("utf-16"), "line 1: byte 0xff at position 1 is not UTF-8"),
    "zero byte": (f"{HEADER}\n{ROW}\0\n".encode(), "line 2: a zero byte"),
    "too few fields": (f"{HEADER}\n{ROW}\nParis,FR\n".encode(), "line 3: 2 fields; expected 7"),
    "too many fields": (f"{HEADER}\n{ROW},\n".encode(), "line 2: 8 fields; expected 7"),
    "unquoted decimal comma": (f"{HEADER}\n{a_row(value='1,5')}\n".encode(), "line 2: 8 fields; expected 7"),
    "blank line between rows": (f"{HEADER}\n{ROW}\n\n{ROW}\n".encode(), "line 3: the line is blank"),
    "quote that is not closed": (f'{HEADER}\n{ROW}\n"Paris,FR\n'.encode(), "line 3: the row can't be split"),
    "text after a quote": (f'{HEADER}\n"Paris"x,FR\n'.encode(), "line 2: the row can't be split"),
    "line ends of an old Mac": (f"{HEADER}\r{ROW}\r".encode(), "line 1: the row can't be split"),
}

BAD_VALUES = (
    "1,5",
    "8 µg",
    "abc",
    "1_000",
    "1 000",
    "inf",
    "-Infinity",
    "0x10",
    "1e",
    "1e400",
    "--1",
    "٣",
    "\u22125",
    "\t8",
)
BAD_DATES = (
    "",
    "2016-09-01",
    "01/09/2016 00:00",
    "2016/09/01 00:00",
    "2016-9-1 00:00",
    "2016-02-30 00:00",
    "2016-13-01 00:00",
    "2016-09-01 24:00",
    "2016-09-01 00:60",
    "2016-09-01  00:00",
    "2016-09-01 00:00 UTC",
    "2016-09-01t00:00:00",
    "2016-09-01T00:00:00+15:00",
    "2016-09-01T00",
    "1472688000",
    "NA",
)
GOOD_VALUES = ("8", "-3", "+3", "0.5", ".5", "5.", "5.242e-08", "1E6", " 8 ")
MISSING_VALUES = ("", "-", "--", "NA", "na", "n/a", "nan", "NaN", "null", "None", " nan ")
GOOD_DATES = (
    "2016-09-01 00:00",
    "2016-09-01T23:59",
    "2016-09-01 00:00:59",
    "2016-09-01T00:00:00Z",
    "2016-09-01T00:00Z",
    "2016-09-01T00:00:00.123456Z",
    "2016-09-01T00:00:00+02:00",
    "2016-09-01 00:00-0930",
    "2016-09-01 00:00+02",
    "2016-02-29 00:00",
    " 2016-09-01 00:00 ",
)


@pytest.mark.parametrize(("content", "expected"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_gets_one_line_and_exit_code_2(
    validator: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, expected: str
) -> None:
    path = tmp_path / "measurements.csv"
    path.write_bytes(content)

    assert validator.main([str(path)]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith(str(path))
    assert expected in captured.err


@pytest.mark.parametrize("value", BAD_VALUES)
def test_a_value_that_is_no_number_is_named_with_its_line(validator: ModuleType, tmp_path: Path, value: str) -> None:
    path = a_file(tmp_path, HEADER, ROW, a_row(value=f'"{value}"'))

    with pytest.raises(validator.SeedError) as caught:
        validator.validate(path)

    assert f"{path}, line 3, column value: {value!r} is not a number; expected" in str(caught.value)


def test_a_decimal_comma_is_explained(validator: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(validator.SeedError, match="write a point for the decimal comma"):
        validator.validate(a_file(tmp_path, HEADER, a_row(value='"1,5"')))


@pytest.mark.parametrize("date", [*BAD_DATES, "0000-01-01 00:00"])
def test_a_date_that_sql_would_not_read_is_named_with_its_line(
    validator: ModuleType, tmp_path: Path, date: str
) -> None:
    path = a_file(tmp_path, HEADER, ROW, a_row(date_utc=date))

    with pytest.raises(validator.SeedError) as caught:
        validator.validate(path)

    assert f"{path}, line 3, column date_utc: {date!r} is not a date; expected" in str(caught.value)


def test_the_date_column_is_named_as_the_file_spells_it(validator: ModuleType, tmp_path: Path) -> None:
    path = a_file(tmp_path, HEADER.replace("date_utc", "date.utc"), a_row(date_utc="yesterday"))

    with pytest.raises(validator.SeedError, match=r"line 2, column date\.utc: 'yesterday' is not a date"):
        validator.validate(path)


@pytest.mark.parametrize("value", GOOD_VALUES + MISSING_VALUES)
def test_numbers_and_missing_values_pass(validator: ModuleType, tmp_path: Path, value: str) -> None:
    assert validator.validate(a_file(tmp_path, HEADER, a_row(value=value))).rows == 1


@pytest.mark.parametrize("date", GOOD_DATES)
def test_dates_that_sql_reads_pass(validator: ModuleType, tmp_path: Path, date: str) -> None:
    assert validator.validate(a_file(tmp_path, HEADER, a_row(date_utc=date))).rows == 1


@pytest.fixture(scope="module")
def macros() -> Any:
    """The project's SQL macros as DuckDB gets them; dbt's own three words that they use are stood in for."""
    names = ("text.sql", "numbers.sql", "time.sql")
    text = "".join((EXAMPLE / "macros" / name).read_text(encoding="utf-8") for name in names)
    template = jinja2.Environment(autoescape=False).from_string(text)  # noqa: S701 - this is SQL
    adapter = SimpleNamespace(dispatch=lambda name, _package: getattr(template.globals["macros"], f"default__{name}"))
    template.globals.update({"adapter": adapter, "return": lambda text: text})
    template.globals["macros"] = template.make_module()
    return template.globals["macros"]


def sql_reads(expression: str, text: str) -> bool:
    answer = duckdb.execute(f"select {expression} is not null from (select ? as given)", [text]).fetchone()  # noqa: S608
    assert answer is not None
    return bool(answer[0])


@pytest.mark.parametrize("date", GOOD_DATES + BAD_DATES)
def test_sql_reads_exactly_the_dates_that_pass(validator: ModuleType, macros: Any, date: str) -> None:
    assert sql_reads(macros.utc_timestamp("given"), date) == validator.is_date(date)


@pytest.mark.parametrize("value", GOOD_VALUES + MISSING_VALUES + BAD_VALUES)
def test_sql_reads_exactly_the_numbers_that_pass(validator: ModuleType, macros: Any, value: str) -> None:
    is_missing = not sql_reads(macros.text_or_null("given"), value)

    assert is_missing == (value in MISSING_VALUES)
    assert (is_missing or sql_reads(macros.safe_number("given"), value)) == validator.is_value(value)


@pytest.mark.parametrize(
    "row",
    [
        a_row(value="-3"),
        a_row(unit="furlongs"),
        a_row(parameter="unobtainium"),
        a_row(city="", country="", location=""),
        a_row(city="İstanbul", country="TR", location="Beşiktaş"),
    ],
)
def test_what_dbt_checks_itself_passes(validator: ModuleType, tmp_path: Path, row: str) -> None:
    assert validator.validate(a_file(tmp_path, HEADER, row, row)).rows == 2


def test_the_shipped_seed_passes_without_a_note(validator: ModuleType) -> None:
    report = validator.validate(validator.SEED)

    assert report.columns == tuple(HEADER.split(","))
    assert report.extra_columns == ()
    assert report.rows == sum(1 for _ in validator.SEED.open(encoding="utf-8")) - 1
    assert report.notes == ()


def test_without_an_argument_the_shipped_seed_is_read_from_any_folder(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "rows can be seeded" in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: f"{text}\n\n".encode(),
        lambda text: text.replace("Paris", '"Paris, 1er"').encode(),
        lambda text: text.replace("Paris", '"Paris\nFrance"').encode(),
    ],
    ids=["byte order mark", "CRLF", "no last line end", "blank lines at the end", "quoted comma", "quoted line end"],
)
def test_other_dialects_of_csv_pass(validator: ModuleType, tmp_path: Path, change) -> None:  # noqa: ANN001
    path = tmp_path / "measurements.csv"
    path.write_bytes(change(f"{HEADER}\n{ROW}\n{ROW}\n"))

    assert validator.validate(path).rows == 2


def test_a_line_number_counts_lines_of_the_file_and_not_rows(validator: ModuleType, tmp_path: Path) -> None:
    path = a_file(tmp_path, HEADER, a_row(city='"Paris\nFrance"'), a_row(value="x"))

    with pytest.raises(validator.SeedError, match="line 4, column value"):
        validator.validate(path)


def test_extra_columns_are_named_in_a_note(
    validator: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_file(tmp_path, f"sensor,{HEADER},comment", f"7,{ROW},fine")

    assert validator.main([str(path)]) == 0

    assert "note: " in (noted := capsys.readouterr().err)
    assert "columns that nothing reads: 'sensor, comment'" in noted


def test_unknown_stations_are_named_at_most_five(validator: ModuleType, tmp_path: Path) -> None:
    a_file(tmp_path, "location,city", "Chatelet,Paris", name="stations.csv")
    rows = [a_row(location=f"S{number}") for number in range(9)]

    few = validator.validate(a_file(tmp_path, HEADER, ROW, *rows[:2], *rows[:2]))
    many = validator.validate(a_file(tmp_path, HEADER, *rows))

    assert "stations that stations.csv lacks: 'S0', 'S1'; add" in few.notes[0]
    assert "'S0', 'S1', 'S2', 'S3', 'S4' and others; add" in many.notes[0]


def test_blanks_around_a_station_do_not_make_it_unknown(validator: ModuleType, tmp_path: Path) -> None:
    a_file(tmp_path, "location", "Chatelet", name="stations.csv")

    assert validator.validate(a_file(tmp_path, HEADER, a_row(location=" Chatelet "))).notes == ()


def test_a_station_list_without_its_key_is_refused(validator: ModuleType, tmp_path: Path) -> None:
    a_file(tmp_path, "name", "Chatelet", name="stations.csv")

    with pytest.raises(validator.SeedError, match=r"stations\.csv, line 1, column location: it is missing"):
        validator.validate(a_file(tmp_path, HEADER, ROW))


def test_a_missing_file_is_said_to_be_missing(validator: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(validator.SeedError, match=r"nowhere\.csv: there is no such file"):
        validator.validate(tmp_path / "nowhere.csv")


def test_a_folder_is_no_file(validator: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(validator.SeedError, match="it can't be read"):
        validator.validate(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_said_to_be_unreadable(validator: ModuleType, tmp_path: Path) -> None:
    path = a_file(tmp_path, HEADER, ROW)
    path.chmod(0)

    with pytest.raises(validator.SeedError, match="Permission denied"):
        validator.validate(path)


def test_a_line_break_in_a_value_does_not_break_the_one_line(validator: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(validator.SeedError) as caught:
        validator.validate(a_file(tmp_path, HEADER, a_row(value='"1\n2"')))

    assert "\n" not in str(caught.value)


def test_a_long_value_is_shortened(validator: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(validator.SeedError) as caught:
        validator.validate(a_file(tmp_path, HEADER, a_row(value="x" * 5000)))

    assert len(str(caught.value)) < 400


def test_the_normalised_copy_has_the_seven_columns_in_order(validator: ModuleType, tmp_path: Path) -> None:
    header = "date.utc,sensor,value,unit,city,country,location,parameter"
    given = a_file(tmp_path, header, '2016-09-01T00:00Z,7, 08.50 ,µg/m³,"Paris, 1er",fr,Chatelet,PM2.5')
    copy = tmp_path / "copy.csv"

    validator.validate(given, normalised_to=copy)

    with copy.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            HEADER.split(","),
            ["Paris, 1er", "fr", "Chatelet", "PM2.5", " 08.50 ", "µg/m³", "2016-09-01T00:00Z"],
        ]


def test_the_copy_of_the_shipped_seed_is_the_shipped_seed(validator: ModuleType, tmp_path: Path) -> None:
    assert validator.main([str(validator.SEED), "--normalised-to", str(tmp_path / "copy.csv")]) == 0

    assert (tmp_path / "copy.csv").read_bytes() == validator.SEED.read_bytes()


def test_a_file_can_be_normalised_in_place(validator: ModuleType, tmp_path: Path) -> None:
    path = a_file(tmp_path, f"sensor,{HEADER}", f"7,{ROW}")

    validator.validate(path, normalised_to=path)

    assert path.read_text(encoding="utf-8") == f"{HEADER}\n{ROW}\n"


def test_a_bad_file_leaves_no_copy_and_keeps_an_earlier_one(validator: ModuleType, tmp_path: Path) -> None:
    copy = a_file(tmp_path, "earlier", name="copy.csv")
    bad = a_file(tmp_path, HEADER, ROW, a_row(value="x"))

    with pytest.raises(validator.SeedError):
        validator.validate(bad, normalised_to=copy)

    assert copy.read_text(encoding="utf-8") == "earlier\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.csv", "measurements.csv"]


def test_a_copy_into_a_folder_that_is_not_there_is_refused(validator: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(validator.SeedError, match="it can't be written"):
        validator.validate(a_file(tmp_path, HEADER, ROW), normalised_to=tmp_path / "nowhere" / "copy.csv")


def test_many_rows_take_little_memory(validator: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "measurements.csv"
    path.write_text(f"{HEADER}\n" + f"{ROW}\n" * 50_000, encoding="utf-8")

    tracemalloc.start()
    report = validator.validate(path)
    _now, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert report.rows == 50_000
    assert peak_bytes < 1_000_000


def test_the_shipped_seed_takes_less_than_a_second(validator: ModuleType) -> None:
    started = time.process_time()
    validator.validate(validator.SEED)

    assert time.process_time() - started < 1
