"""The wheels of an offline bundle that fit this machine, checked.

    find_bundle.py [--environment .venv] FOLDER GROUP…

Prints their folder. Whatever can't be used ends in one line and exit status 2. It runs before there is an environment:
it needs nothing but Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
# A line of SHA256SUMS, as sha256sum writes and reads it.
SUM = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<name>\S.*)")


def fail(line: str) -> NoReturn:
    print(f"offline bundle: {line}", file=sys.stderr)
    sys.exit(2)


def this_platform() -> str:
    system = {"Darwin": "macos"}.get(platform.system(), platform.system().lower())
    return f"{system}-{platform.machine()}"


def this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def how_to_build(platform_name: str, python: str) -> str:
    return f"make offline-bundle PLATFORM={platform_name} PYTHON_VERSION={python}"


@dataclass(frozen=True)
class Bundle:
    folder: Path
    platform: str
    python: str
    requirements: dict[str, str]
    """Group → SHA-256 of the compiled file that the wheels were taken for."""

    @property
    def wheels(self) -> Path:
        return self.folder / "wheels"

    def __str__(self) -> str:
        return f"{self.platform} with Python {self.python}"


class DamagedError(Exception):
    """A bundle whose description can't be read: its file, and why."""


def read_bundle(folder: Path) -> Bundle:
    try:
        known = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        return Bundle(folder, known["platform"], known["python"], dict(known["requirements"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{folder / 'bundle.json'} can't be read ({error})") from None


def bundles_in(folder: Path) -> tuple[list[Bundle], list[str]]:
    """The folder may be a bundle, or hold one for each kind of laptop; and what is wrong with damaged ones."""
    if not folder.is_dir():
        way = how_to_build(this_platform(), this_python())
        fail(f"there is no folder {folder}; build it where there is a network ({way}), or name it: BUNDLE=/path/to/it")
    found, damaged = list[Bundle](), list[str]()
    for path in sorted([*folder.glob("bundle.json"), *folder.glob("*/bundle.json")]):
        try:
            found.append(read_bundle(path.parent))
        except DamagedError as error:
            damaged.append(str(error))
    if not found and not damaged:
        fail(f"{folder} holds none (no bundle.json); name a folder that `make offline-bundle` made: BUNDLE=/path/to/it")
    return found, damaged


def fitting(folder: Path, platform_name: str, python: str, environment: str | None) -> Bundle:
    """The environment is the one that this Python is of, and that goes before another Python is looked at."""
    bundles, damaged = bundles_in(folder)
    for bundle in bundles:
        if (bundle.platform, bundle.python) == (platform_name, python):
            return bundle
    reasons = [f"{one}; copy the bundle again" for one in damaged]
    if bundles:
        there = ", ".join(map(str, bundles))
        pythons = [bundle.python for bundle in bundles if bundle.platform == platform_name]
        other_way = f"{with_another_python(pythons[0], environment)}, or " if pythons else ""
        way = f"{other_way}build one: {how_to_build(platform_name, python)}"
        reasons.append(f"it is for {there}, and this is {platform_name} with Python {python}; {way}")
    fail("; ".join(reasons))


def with_another_python(python: str, environment: str | None) -> str:
    command = f"make all OFFLINE=1 PYTHON=python{python}"
    return f"remove {environment} and name that Python ({command})" if environment else f"name that Python ({command})"


def check_groups(bundle: Bundle, groups: list[str]) -> None:
    for group in groups:
        if group not in bundle.requirements:
            fail(f"{bundle.folder} holds no wheels for requirements/{group}.txt: it was built without that group")
        if bundle.requirements[group] != digest(REQUIREMENTS / f"{group}.txt"):
            way = f"build it again: {how_to_build(bundle.platform, bundle.python)}"
            fail(f"{bundle.folder} was not made for requirements/{group}.txt as it stands here; {way}")


def listed_digests(bundle: Bundle) -> dict[str, str]:
    """Name in the bundle → SHA-256. A list that was cut off lacks a wheel that is there, or the description."""
    listed = bundle.folder / "SHA256SUMS"
    if not listed.is_file():
        fail(f"{listed} is missing; copy the bundle again")
    try:
        lines = [SUM.fullmatch(line) for line in listed.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError):
        lines = [None]
    sums = {line["name"]: line["digest"] for line in lines if line}
    # Not what systems leave beside files on a stick, such as ._name.whl.
    there = {"bundle.json", *(f"wheels/{path.name}" for path in bundle.wheels.glob("[!.]*.whl"))}
    if None in lines or not there <= sums.keys():
        fail(f"{listed} is damaged; copy the bundle again")
    return sums


def check_files(bundle: Bundle, groups: list[str]) -> None:
    """The wheels of the groups are there, and whole; others are not read: sticks are slow."""
    wanted = set[str]().union(*(hashes_in(REQUIREMENTS / f"{group}.txt") for group in groups))
    for name, expected in listed_digests(bundle).items():
        path = bundle.folder / name
        if (expected in wanted or name == "bundle.json") and not is_whole(path, expected):
            fail(f"{path} is {'damaged' if path.is_file() else 'missing'}; copy the bundle again")


def hashes_in(requirements: Path) -> set[str]:
    return set(re.findall(r"--hash=sha256:([0-9a-f]{64})", requirements.read_text(encoding="utf-8")))


def is_whole(path: Path, expected: str) -> bool:
    try:
        return digest(path) == expected
    except OSError:
        return False


def find(folder: Path, groups: list[str], environment: str | None) -> Path:
    bundle = fitting(folder, this_platform(), this_python(), environment)
    check_groups(bundle, groups)
    check_files(bundle, groups)
    return bundle.wheels.resolve()


def main() -> int:
    parser = argparse.ArgumentParser(description="The wheels of an offline bundle that fit this machine")
    parser.add_argument("--environment", help="the one that this Python is of, where it was made before")
    parser.add_argument("folder", type=Path)
    parser.add_argument("groups", nargs="+")
    given = parser.parse_args()
    print(find(given.folder, given.groups, given.environment))
    return 0


if __name__ == "__main__":
    sys.exit(main())
