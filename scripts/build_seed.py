"""Rebuild the open data seed, byte for byte, from the three archives its rows come from.

    python scripts/build_seed.py             write example_dbt/seeds/opendata_airquality.csv
    python scripts/build_seed.py --check     compare with that file, write nothing

Needs requirements/seed.txt. Each archive is known by its SHA-256 and read in memory: nothing in it is ever built,
installed or run. Two come from the configured package index, one from apt-get, hence from a Debian 12 machine; with
--archives FOLDER, holding the three files, neither is asked. Origin, licence and known faults of the rows: DATA.md.

Exit codes: 0 written or identical, 1 --check found a difference, 2 an archive could not be had or read.
"""

import argparse
import base64
import csv
import hashlib
import html.parser
import importlib
import io
import json
import os
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

SEED = Path(__file__).resolve().parent.parent / "example_dbt" / "seeds" / "opendata_airquality.csv"
DIFFERENT, FAILED = 1, 2
TIMEOUT_SECONDS = 60
RATP_FROM = "2016-09-01"
PARAMETERS_OF_RATP = ("no", "no2", "pm10")


class BuildError(Exception):
    """One line: what happened and what to do."""


class Measurement(NamedTuple):
    """One row of the seed; every field is the text of its source."""

    city: str
    country: str
    location: str
    parameter: str
    value: str
    unit: str
    date_utc: str


@dataclass(frozen=True)
class Archive:
    package: str
    version: str
    filename: str
    sha256: str


RATP = Archive(
    package="r-cran-ks",
    version="1.14.0-1",
    filename="r-cran-ks_1.14.0-1_amd64.deb",
    sha256="cf1c1af24465bd4f496c11ecf9273ad9e33372243ff35429a462a0ed85373d04",
)
EEA = Archive(
    package="atmo-evaltools",
    version="2.0.3",
    filename="atmo_evaltools-2.0.3.tar.gz",
    sha256="388c5e349eb4f39a6737abcda579e2f30fdd87aa9ac53d83fa1ff95c30e8e2a3",
)
OPENAQ = Archive(
    package="openaq",
    version="1.2.0",
    filename="openaq-1.2.0.tar.gz",
    sha256="b5925322f196f89e77e5c4a26031c2dcae8f1544128eb59b724ee364a5d19978",
)
RATP_PATH = "./usr/lib/R/site-library/ks/data/air.RData"
EEA_FOLDER = "atmo_evaltools-2.0.3/doc/sample_data/observations/"
OPENAQ_PATH = "openaq-1.2.0/tests/fixtures/responses/measurements_1000.json"


# From a source's own layout to rows: values in, values out.


def ratp_rows(columns: Mapping[str, Sequence[str]]) -> Iterator[Measurement]:
    """Châtelet, underground: wide to long, from September 2016 on. The text NA is R's missing value."""
    for index, (date, time) in enumerate(zip(columns["date"], columns["time"], strict=True)):
        if date >= RATP_FROM:
            for parameter in PARAMETERS_OF_RATP:
                value = columns[parameter][index]
                yield Measurement("Paris", "FR", "Chatelet", parameter, value, "µg/m3", f"{date} {time}")


def eea_rows(files: Mapping[str, str]) -> Iterator[Measurement]:
    """European stations: one file per pollutant and station, lines like `2017060100 5.242e-08`."""
    for name in sorted(files, key=lambda name: name.split("_")[::-1]):
        _year, parameter, station = name.split("_")
        for line in files[name].splitlines():
            hour, value = line.split()
            at = f"{hour[:4]}-{hour[4:6]}-{hour[6:8]} {hour[8:10]}:00"
            yield Measurement("", station[:2], station, parameter, value, "kg/m3", at)


def openaq_rows(text: str) -> Iterator[Measurement]:
    """Albuquerque: an answer of the OpenAQ API. Numbers keep the digits they are written with; null is empty."""
    for result in json.loads(text, parse_float=str, parse_int=str)["results"]:
        parameter, value = result["parameter"], result["value"] or ""
        at = result["period"]["datetimeTo"]["utc"]
        yield Measurement("Albuquerque", "US", "Del Norte", parameter["name"], value, parameter["units"], at)


def csv_bytes(rows: Iterable[Measurement]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Measurement._fields)
    writer.writerows(rows)
    return text.getvalue().encode()


def first_difference(committed: bytes, rebuilt: bytes) -> str | None:
    if committed == rebuilt:
        return None
    old, new = committed.split(b"\n"), rebuilt.split(b"\n")
    line = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    was, now = (lines[line].decode(errors="replace") if line < len(lines) else "(no line)" for lines in (old, new))
    return f"line {line + 1} differs: the file has {was!r}, the archives give {now!r}"


# Out of the archives, in memory.


def ar_member(archive: bytes, name: str) -> bytes:
    """One member of an ar file, the outer format of a .deb (deb(5), ar(5))."""
    position = len(b"!<arch>\n")
    while position + 60 <= len(archive):
        header = archive[position : position + 60]
        start, size = position + 60, int(header[48:58])
        if header[:16].decode().rstrip(" /") == name:
            return archive[start : start + size]
        position = start + size + size % 2
    raise BuildError(f"{name} is not in the Debian package; take the file DATA.md names.")


def tar_files(archive: bytes, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = [member for member in tar if member.isfile() and wanted(member.name)]
        opened = ((member.name, tar.extractfile(member)) for member in members)
        return {name: file.read() for name, file in opened if file}


def tar_file(archive: bytes, path: str) -> bytes:
    return tar_files(archive, path.__eq__)[path]


def rdata_columns(rdata_file: bytes) -> dict[str, list[str]]:
    try:
        rdata = importlib.import_module("rdata")
    except ImportError:
        install = "python -m pip install --require-hashes -r requirements/seed.txt"
        raise BuildError(f"The reader for R's files is not installed; run: {install}") from None
    frame: Any = rdata.read_rda(io.BytesIO(rdata_file))["air"]
    names = ("date", "time", *PARAMETERS_OF_RATP)
    return {name: frame[name].astype("string").fillna("NA").tolist() for name in names}


def rows_of(archives: Mapping[Archive, bytes]) -> list[Measurement]:
    air = tar_file(ar_member(archives[RATP], "data.tar.xz"), RATP_PATH)
    observations = tar_files(archives[EEA], lambda path: path.startswith(EEA_FOLDER))
    texts = {path.removeprefix(EEA_FOLDER): content.decode() for path, content in observations.items()}
    answer = tar_file(archives[OPENAQ], OPENAQ_PATH).decode()
    return [*ratp_rows(rdata_columns(air)), *eea_rows(texts), *openaq_rows(answer)]


# Getting the archives.


def checked(archive: Archive, content: bytes) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != archive.sha256:
        raise BuildError(
            f"{archive.filename} is not the file this seed was made from: expected SHA-256 {archive.sha256}, "
            f"found {found}; take {archive.package} {archive.version} again, or pass --archives."
        )
    return content


def from_folder(archive: Archive, folder: Path) -> bytes:
    try:
        return checked(archive, (folder / archive.filename).read_bytes())
    except OSError as error:
        raise BuildError(
            f"{folder / archive.filename} can't be read ({error.strerror}); --archives wants a folder with "
            f"{', '.join(each.filename for each in (RATP, EEA, OPENAQ))}."
        ) from None


def from_debian(archive: Archive) -> bytes:
    if shutil.which("apt-get") is None:
        raise BuildError(
            f"{archive.filename} comes from apt-get and this is not a Debian machine; fetch it on a Debian 12 and "
            "pass --archives FOLDER."
        )
    command = ["apt-get", "download", f"{archive.package}:amd64={archive.version}"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise BuildError(
                f"`{' '.join(command)}` failed ({said}); it needs Debian 12 and a recent `apt-get update`. "
                "Or pass --archives FOLDER."
            )
        return from_folder(archive, Path(folder))


def from_index(archive: Archive) -> bytes:
    page, at = fetch(f"{index_url().rstrip('/')}/{archive.package}/")
    link = links_of(page).get(archive.filename)
    if link is None:
        raise BuildError(
            f"The package index has no {archive.filename}; set PIP_INDEX_URL to an index that has it, "
            "or pass --archives FOLDER."
        )
    content, _ = fetch(urllib.parse.urljoin(at, link))
    return checked(archive, content)


def index_url() -> str:
    """The index pip or uv would use here; its default is asked from pip, so that none is written in this file."""
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    default = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    # An environment made by uv has no pip: the Python it was made from may have one.
    for python in filter(shutil.which, (sys.executable, f"{sys.base_prefix}/bin/python3", "python3")):
        for command in (["-m", "pip", "config", "get", "global.index-url"], ["-c", default]):
            done = subprocess.run([python, *command], capture_output=True, text=True, check=False)
            if done.returncode == 0 and done.stdout.strip():
                return done.stdout.strip()
    raise BuildError("No package index is known and pip is not here; set PIP_INDEX_URL, or pass --archives FOLDER.")


def fetch(url: str) -> tuple[bytes, str]:
    """The content, and the address it came from after redirects. A name and password in the URL become a header."""
    parts = urllib.parse.urlsplit(url)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.scheme not in {"http", "https"}:
        raise BuildError(f"The package index at {shown} is not an http(s) address; pass --archives FOLDER.")
    request = urllib.request.Request(shown, headers=headers_for(parts))  # noqa: S310 - http(s) only, just checked
    authorities = os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE")
    try:
        context = ssl.create_default_context(cafile=authorities)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as answer:  # noqa: S310
            return answer.read(), answer.url
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise BuildError(f"{shown} could not be read ({reason}); try again, or pass --archives FOLDER.") from None


def headers_for(parts: urllib.parse.SplitResult) -> dict[str, str]:
    headers = {"Accept": "application/vnd.pypi.simple.v1+html, text/html;q=0.9, */*;q=0.1"}
    if parts.username:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def links_of(page: bytes) -> dict[str, str]:
    """File name to address, from a project's page of a package index (PEP 503)."""
    parser = _Links()
    parser.feed(page.decode(errors="replace"))
    bare = (urllib.parse.urldefrag(link).url for link in parser.found)
    return {urllib.parse.unquote(link.rpartition("/")[2]): link for link in bare}


def archives_from(folder: Path | None) -> dict[Archive, bytes]:
    if folder:
        return {archive: from_folder(archive, folder) for archive in (RATP, EEA, OPENAQ)}
    return {RATP: from_debian(RATP), EEA: from_index(EEA), OPENAQ: from_index(OPENAQ)}


# The command.


def write_whole(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise BuildError(f"{path} can't be written ({error.strerror}); pass another --output FILE.") from None


def compare(path: Path, rebuilt: bytes) -> str | None:
    try:
        return first_difference(path.read_bytes(), rebuilt)
    except OSError as error:
        raise BuildError(f"{path} can't be read ({error.strerror}); run without --check to write it.") from None


def build(path: Path, rows: Sequence[Measurement], *, only_check: bool) -> int:
    rebuilt = csv_bytes(rows)
    if not only_check:
        write_whole(path, rebuilt)
    elif difference := compare(path, rebuilt):
        print(f"build_seed: {path}: {difference}", file=sys.stderr)
        return DIFFERENT
    done = "is what the archives give" if only_check else "written"
    print(f"{path} {done}: {len(rows)} rows, SHA-256 {hashlib.sha256(rebuilt).hexdigest()}")
    return 0


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Rebuild the open data seed from the archives its rows come from.")
    parser.add_argument("--check", action="store_true", help="compare with the file, write nothing")
    parser.add_argument("--archives", type=Path, metavar="FOLDER", help="take the three archives from here")
    parser.add_argument("--output", type=Path, metavar="FILE", default=SEED, help="the seed (default: the shipped one)")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        rows = rows_of(archives_from(arguments.archives))
        return build(arguments.output, rows, only_check=arguments.check)
    except BuildError as error:
        print(f"build_seed: {error}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
