"""Look at the measurements before `dbt seed` does, and answer a bad file with one clear line.

    python scripts/validate_seed.py [seeds/opendata_airquality.csv]
    python scripts/validate_seed.py my_own.csv --normalised-to seeds/opendata_airquality.csv

dbt seeds by position into a table that exists, empties it for an empty file, and turns a column it can't read into
text: all three silently, or with an error far from its cause. So this runs first. Standard library only.

Refused (exit code 2, one line on standard error): no such file, no rows, bytes that are not UTF-8, a column missing or
written twice, a row with too many or too few fields, a date or a number that the SQL of the staging model can't read.

Accepted: the seven columns in any order, other columns beside them (named in a note), `date.utc` for `date_utc`, a
UTF-8 byte order mark, any country, city, station, pollutant or unit. A station that stations.csv lacks gives a note.
Negative values, odd units, duplicates and gaps are the business of the dbt tests.

  date_utc  YYYY-MM-DD, then `T` or one blank, then HH:MM, HH:MM:SS or HH:MM:SS.f (one to six digits), then nothing,
            `Z`, or an offset: +HH:MM, +HHMM or +HH (or with -). Without a zone it counts as UTC.
  value     digits with a decimal point, with or without a sign and an exponent of one or two digits (-3, 0.5,
            5.2e-08); or a missing value: empty, or any of - -- na n/a nan null none in upper or lower case.

Blanks around a date or a value are ignored. macros/ (text.sql, numbers.sql, time.sql) read all of these.

--normalised-to writes a copy that dbt reads safely: the seven columns in dbt's order, values untouched, other columns
left out. It appears whole or not at all, and may be the file itself.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime as dt
import functools
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS = ("city", "country", "location", "parameter", "value", "unit", "date_utc")
OTHER_NAMES = {"date.utc": "date_utc"}
MISSING_VALUES = frozenset({"", "-", "--", "na", "n/a", "nan", "null", "none"})
BAD_FILE = 2
NAMED_AT_MOST = 5
SEED = Path(__file__).resolve().parent.parent / "seeds" / "opendata_airquality.csv"

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
    r"(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?"
)


class SeedError(Exception):
    """`file, line N, column X: what is wrong; expected …; what to do`, in one line."""


@dataclass(frozen=True)
class Report:
    """What a good file holds. `columns` is its header as written, `notes` are worth a look but stop nothing."""

    columns: tuple[str, ...]
    extra_columns: tuple[str, ...]
    rows: int
    notes: tuple[str, ...]


def validate(path: Path | str, *, normalised_to: Path | str | None = None) -> Report:
    """Read the file once, in little memory, and raise SeedError at the first thing dbt would stumble over."""
    path = Path(path)
    with _writing(normalised_to) as writer, _reading(path) as file:
        records = _records(file, path)
        header = _header(records, path)
        known = _stations(path.parent / "stations.csv")
        rows, strangers = _rows(records, header, path, known=known, writer=writer)
    extra = tuple(name for name in header if OTHER_NAMES.get(name, name) not in COLUMNS)
    return Report(header, extra, rows, tuple(_notes(path, extra, strangers)))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Look at the measurements before `dbt seed` does.")
    parser.add_argument("path", nargs="?", type=Path, default=SEED, help="the CSV (default: the shipped seed)")
    parser.add_argument("--normalised-to", type=Path, metavar="PATH", help="write a copy that dbt reads safely")
    arguments = parser.parse_args(argv)
    try:
        report = validate(arguments.path, normalised_to=arguments.normalised_to)
    except SeedError as error:
        print(error, file=sys.stderr)
        return BAD_FILE
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{arguments.path}: {report.rows} rows can be seeded")
    return 0


def is_value(text: str) -> bool:
    """A finite number or a missing value. Blanks are trimmed and tabs are not, as SQL's trim does it."""
    bare = text.strip(" ")
    if NUMBER.fullmatch(bare):
        return math.isfinite(float(bare))
    return bare.lower() in MISSING_VALUES


@functools.lru_cache(maxsize=4096)
def is_date(text: str) -> bool:
    found = DATE.fullmatch(text.strip(" "))
    if found is None:
        return False
    try:
        dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def _rows(
    records: Iterator[tuple[int, list[str]]],
    header: tuple[str, ...],
    path: Path,
    *,
    known: set[str] | None,
    writer: Any,
) -> tuple[int, list[str]]:
    """Check every row, copy it if asked; how many there are, and the first stations that are not known."""
    names = [OTHER_NAMES.get(name, name) for name in header]
    order = [names.index(name) for name in COLUMNS]
    location, value, date = names.index("location"), names.index("value"), names.index("date_utc")
    rows, strangers = 0, dict[str, None]()
    if writer:
        writer.writerow(COLUMNS)
    for line, fields in records:
        if len(fields) != len(header):
            raise _ragged(path, line, len(fields), len(header))
        if not is_value(fields[value]):
            raise _bad_number(path, line, fields[value])
        if not is_date(fields[date]):
            raise _bad_date(path, line, header[date], fields[date])
        if known is not None and len(strangers) <= NAMED_AT_MOST and fields[location].strip(" ") not in known:
            strangers[fields[location].strip(" ")] = None
        if writer:
            writer.writerow([fields[index] for index in order])
        rows += 1
    if rows == 0:
        raise SeedError(f"{path}, line 2: there is no row; expected at least one measurement; add it below the header.")
    return rows, list(strangers)


def _records(file: BinaryIO, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each record; blank lines at the end of the file don't count."""
    reader = csv.reader(_lines(file, path), strict=True)
    line, blank = 1, 0
    try:
        for fields in reader:
            if fields and blank:
                raise SeedError(f"{path}, line {blank}: the line is blank; expected a row; remove the line.")
            blank = blank if fields else blank or line
            if fields:
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise SeedError(
            f"{path}, line {line}: the row can't be split ({error}); expected commas between fields, quotes in pairs; "
            "look for a quote that is not closed."
        ) from None


def _lines(file: BinaryIO, path: Path) -> Iterator[str]:
    for number, raw in enumerate(file, start=1):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise SeedError(
                f"{path}, line {number}: byte 0x{raw[error.start]:02x} at position {error.start + 1} is not UTF-8; "
                "expected UTF-8 text; save the file as UTF-8 (`iconv -f latin1 -t utf-8` if it was made on Windows)."
            ) from None
        if "\0" in text:
            raise SeedError(f"{path}, line {number}: a zero byte; expected text; export it again as CSV in UTF-8.")
        yield text


def _header(records: Iterator[tuple[int, list[str]]], path: Path) -> tuple[str, ...]:
    expected = ",".join(COLUMNS)
    try:
        _line, fields = next(records)
    except StopIteration:
        raise SeedError(f"{path}: the file is empty; expected a header ({expected}) and rows; fill it.") from None
    names = [OTHER_NAMES.get(name, name) for name in fields]
    for name in names:
        if names.count(name) > 1:
            raise SeedError(f"{path}, line 1, column {name}: it stands twice; expected each name once; remove one.")
    for name in COLUMNS:
        if name not in names:
            raise SeedError(
                f"{path}, line 1, column {name}: it is missing among {_short(','.join(fields), 120)}; "
                f"expected {expected}, in any order, separated by commas; add or rename it."
            )
    return tuple(fields)


def _stations(path: Path) -> set[str] | None:
    """The stations we know, or None where there is no list."""
    if not path.is_file():
        return None
    with _reading(path) as file:
        records = _records(file, path)
        header = next(records, (1, [""]))[1]
        if "location" not in header:
            raise SeedError(f"{path}, line 1, column location: it is missing; expected one row per station; add it.")
        column = header.index("location")
        return {fields[column].strip(" ") for _line, fields in records if len(fields) > column}


def _notes(path: Path, extra: tuple[str, ...], strangers: list[str]) -> Iterator[str]:
    if extra:
        yield f"{path}: columns that nothing reads: {_short(', '.join(extra), 120)}"
    if strangers:
        named = ", ".join(_short(name) for name in strangers[:NAMED_AT_MOST])
        more = " and others" if len(strangers) > NAMED_AT_MOST else ""
        yield f"{path}: stations that stations.csv lacks: {named}{more}; add them there for their city and position"


def _ragged(path: Path, line: int, found: int, expected: int) -> SeedError:
    return SeedError(
        f"{path}, line {line}: {found} fields; expected {expected}, as in the header; "
        "quote a value that holds a comma, write decimals with a point, or complete the row."
    )


def _bad_number(path: Path, line: int, text: str) -> SeedError:
    remedy = "write a point for the decimal comma" if "," in text else "correct it, or leave it empty if unknown"
    return SeedError(
        f"{path}, line {line}, column value: {_short(text)} is not a number; "
        f"expected digits with a decimal point, or a missing value (empty, -, NA, nan); {remedy}."
    )


def _bad_date(path: Path, line: int, column: str, text: str) -> SeedError:
    return SeedError(
        f"{path}, line {line}, column {column}: {_short(text)} is not a date; "
        "expected ISO 8601 like 2016-09-01T13:00:00Z or 2016-09-01 13:00; write it so."
    )


def _short(text: str, length: int = 40) -> str:
    return repr(text if len(text) <= length else f"{text[:length]}…")


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise SeedError(f"{path}: there is no such file; expected a CSV; put it there or name another.") from None
    except OSError as error:
        raise SeedError(f"{path}: it can't be read ({error.strerror}); expected a CSV; name another.") from None
    with file:
        yield file


@contextlib.contextmanager
def _writing(path: Path | str | None) -> Iterator[Any]:
    """A CSV writer whose file takes its place at the end, or None when nothing is to be written."""
    if path is None:
        yield None
        return
    unfinished = Path(path).with_name(f".{Path(path).name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            yield csv.writer(file, lineterminator="\n")
        unfinished.replace(path)
    except OSError as error:
        raise SeedError(
            f"{path}: it can't be written ({error.strerror}); name a file in a folder that is there."
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
