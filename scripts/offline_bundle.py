"""Wheels for laptops without a network: make offline-bundle gathers them, make all OFFLINE=1 installs from them.

    offline_bundle.py build [--platform NAME …] [--python 3.12 …] [--group NAME …] [FOLDER]
    offline_bundle.py find [--environment .venv] FOLDER GROUP…

find prints the folder of the wheels that fit this machine, once those of the groups are checked. Whatever can't be used
ends in one line and exit status 2. Finding runs before there is an environment: it needs nothing but Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent
REQUIREMENTS = TOP / "requirements"
PACK_WORKSPACE = TOP / "scripts" / "pack_workspace.py"
# All but the vendor's client, which may not be passed on, and what only rebuilds the seed.
GROUPS = ("bootstrap", "workspace", "sandbox", "dagster", "notebooks", "test")
NEEDED = ("bootstrap", "workspace")
PLATFORMS = ("linux-x86_64", "linux-aarch64", "macos-arm64", "macos-x86_64")
PYTHONS = ("3.11", "3.12", "3.13")
# The oldest systems that the wheels are for: glibc 2.28 (Debian 10, Ubuntu 20.04, RHEL 8) and macOS 12.
OLDEST_GLIBC, NEWEST_GLIBC = 5, 28
OLDEST_MACOS = "12_0"
DEFAULT_FOLDER = "offline-bundle"
# Markers may ask for the patch of a Python (3.11.5); no Python has had as many.
MOST_PATCHES = 40
# A compiled line: name==1.0 ; marker --hash=sha256:…
REQUIREMENT = re.compile(
    r"^(?P<pin>[^\s;#]+==[^\s;]+)(?: ; (?P<marker>.+?))?(?P<hashes>(?: --hash=\S+)+)$", re.MULTILINE
)

# A line of SHA256SUMS, as sha256sum writes and reads it.
SUM = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<name>\S.*)")

README = """\
# Offline bundle: {platform}, Python {python}

*[En français](#en-français)*

Everything that the QALITA workspace installs, but for QALITA's own client, which may not be passed on. Needed on the
laptop: {oldest} or newer, Python {python} with venv, make and git.

    tar -xzf workspace.tar.gz -C ~
    cd ~/qalita-workspace
    make all OFFLINE=1 BUNDLE=/path/to/this/folder
    make notebooks OFFLINE=1 BUNDLE=/path/to/this/folder

The other targets take the same two, but for `make setup-vendor` and `make offline-bundle`, which need a network. Copied
into the workspace as `offline-bundle`, this folder is found without `BUNDLE`. What is to be installed is first checked
against `SHA256SUMS`. The workspace comes as a git repository of one commit: `git checkout notebooks` brings changed
notebooks back.

## En français

*[In English](#offline-bundle-{anchor})*

Tout ce que l'espace de travail QALITA installe, sauf le client de QALITA, qui ne peut pas être redistribué. Il faut sur
le portable : {oldest} ou plus récent, Python {python} avec venv, make et git.

    tar -xzf workspace.tar.gz -C ~
    cd ~/qalita-workspace
    make all OFFLINE=1 BUNDLE=/path/to/this/folder
    make notebooks OFFLINE=1 BUNDLE=/path/to/this/folder

Les autres cibles prennent les deux mêmes options, sauf `make setup-vendor` et `make offline-bundle`, qui ont besoin
d'un réseau. Copié dans l'espace de travail sous le nom `offline-bundle`, ce dossier est trouvé sans `BUNDLE`. Ce qui va
être installé est d'abord vérifié d'après `SHA256SUMS`. L'espace de travail est fourni comme un dépôt git d'un seul
commit : `git checkout notebooks` rétablit les notebooks modifiés.
"""


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


# --- find


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


# --- build


def tags(platform_name: str) -> list[str]:
    """The platform tags of wheels that run there, as pip wants them: it derives older ones for macOS only."""
    system, machine = platform_name.split("-", 1)
    if system == "macos":
        return [f"macosx_{OLDEST_MACOS}_{machine}"]
    versions = range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)
    by_year = ["manylinux2014", "manylinux2010", "manylinux1", "linux"]
    return [f"{name}_{machine}" for name in [*(f"manylinux_2_{version}" for version in versions), *by_year]]


def marker_environment(platform_name: str, python: str, patch: int) -> dict[str, str]:
    """What a laptop of this kind answers to a marker; pip would ask the machine that it runs on."""
    system, machine = platform_name.split("-", 1)
    is_mac = system == "macos"
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.{patch}",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Darwin" if is_mac else "Linux",
        "platform_version": "",
        "python_full_version": f"{python}.{patch}",
        "python_version": python,
        "sys_platform": "darwin" if is_mac else "linux",
    }


def pins(group: str, platform_name: str, python: str) -> list[str]:
    """Lines for pip, with hashes and without markers: what such laptops install, whatever patch of Python they have."""
    from packaging.markers import Marker  # noqa: PLC0415 (finding runs without it)

    laptops = [marker_environment(platform_name, python, patch) for patch in range(MOST_PATCHES)]
    text = (REQUIREMENTS / f"{group}.txt").read_text(encoding="utf-8").replace(" \\\n    ", " ")
    return [
        one["pin"] + one["hashes"]
        for one in REQUIREMENT.finditer(text)
        if one["marker"] is None or any(Marker(one["marker"]).evaluate(dict(laptop)) for laptop in laptops)
    ]


def one_of_each(lines: list[str]) -> list[list[str]]:
    """Batches in which no package comes twice: pip takes one version of each at a time."""
    batches: list[dict[str, str]] = []
    for line in lines:
        name = line.partition("==")[0]
        batch = next((batch for batch in batches if name not in batch), None)
        if batch is None:
            batches.append(batch := {})
        batch[name] = line
    return [list(batch.values()) for batch in batches]


def download(lines: list[str], wheels: Path, platform_name: str, python: str) -> str | None:
    """The pin that has no wheel for such a laptop, or None where all came."""
    wanted = wheels.parent / "requirements.txt"
    wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command: list[Any] = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", wheels, "--requirement", wanted]
    command += ["--implementation", "cp", "--python-version", python, "--ignore-requires-python"]
    command += [word for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for word in ("--abi", abi)]
    command += [word for tag in tags(platform_name) for word in ("--platform", tag)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    wanted.unlink()
    if not done.returncode:
        return None
    missing = re.search(r"No matching distribution found for (\S+)", done.stderr)
    # Of a package that it could not ask for, pip says so too, after it has tried again.
    if missing and "Retrying" not in done.stderr:
        return missing[1]
    fail(f"pip could not download the wheels: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def gather(wheels: Path, platform_name: str, python: str, groups: list[str]) -> list[str]:
    """The groups that are whole. One that lacks a wheel is left out, but not what `make all` needs."""
    laptop = f"{platform_name} with Python {python}"
    whole, taken = list[str](), set[str]()
    for group in groups:
        lines = [line for line in pins(group, platform_name, python) if line not in taken]
        print(f"  {group}: {len(lines)} wheels", flush=True)
        batches = one_of_each(lines)
        missing = next((gone for batch in batches if (gone := download(batch, wheels, platform_name, python))), None)
        if missing and group in NEEDED:
            fail(f"no wheel of {missing} for {laptop} was found; is the package index reachable?")
        if missing:
            print(f"  {group} is left out: {missing} has no wheel for {laptop}", flush=True)
        else:
            whole.append(group)
            taken.update(lines)
    return whole


def add_workspace(folder: Path) -> None:
    """The workspace as last committed, so that a laptop needs no other source of it."""
    command: list[Any] = [sys.executable, PACK_WORKSPACE, folder / "workspace.tar.gz"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"  without workspace.tar.gz: {reason}; bring the workspace to the laptops yourself")
    elif done.stdout:
        print(f"  {done.stdout.strip()}")


def readme(platform_name: str, python: str) -> str:
    is_mac = platform_name.startswith("macos")
    oldest = f"macOS {OLDEST_MACOS.partition('_')[0]}" if is_mac else f"glibc 2.{NEWEST_GLIBC}"
    anchor = f"{platform_name}-python-{python.replace('.', '')}"
    return README.format(platform=platform_name, python=python, oldest=oldest, anchor=anchor)


def describe(folder: Path, platform_name: str, python: str, groups: list[str]) -> None:
    requirements = {group: digest(REQUIREMENTS / f"{group}.txt") for group in groups}
    known = {"platform": platform_name, "python": python, "requirements": requirements}
    (folder / "bundle.json").write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(readme(platform_name, python), encoding="utf-8")
    sums = [f"{digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files_of(folder)]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def files_of(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def build(folder: Path, platform_name: str, python: str, groups: list[str]) -> Path:
    """Aside first: a build that was interrupted leaves no bundle that seems whole."""
    bundle, aside = folder / f"{platform_name}-python{python}", folder / f".{platform_name}-python{python}.part"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "wheels").mkdir(parents=True)
    print(f"Downloading wheels for {platform_name} with Python {python} (some minutes)", flush=True)
    whole = gather(aside / "wheels", platform_name, python, groups)
    add_workspace(aside)
    describe(aside, platform_name, python, whole)
    shutil.rmtree(bundle, ignore_errors=True)
    aside.rename(bundle)
    return bundle


def build_all(folder: Path, platforms: list[str], pythons: list[str], groups: list[str]) -> None:
    for kind, given, known in (("platform", platforms, PLATFORMS), ("Python", pythons, PYTHONS)):
        for one in given:
            if one not in known:
                fail(f"there is no {kind} {one}; there are {', '.join(known)}")
    for platform_name in platforms:
        for python in pythons:
            bundle = build(folder, platform_name, python, groups)
            size = sum(path.stat().st_size for path in files_of(bundle))
            print(f"{bundle}: {size / 1e6:.0f} MB; on the laptop: make all OFFLINE=1 BUNDLE=/path/to/{bundle.name}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Wheels for laptops without a network")
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build")
    building.add_argument("folder", nargs="?", type=Path, default=TOP / DEFAULT_FOLDER)
    building.add_argument("--platform", nargs="+", default=[this_platform()])
    building.add_argument("--python", nargs="+", default=[this_python()])
    building.add_argument("--group", nargs="+", choices=GROUPS)
    finding = commands.add_parser("find")
    finding.add_argument("--environment", help="the one that this Python is of, where it was made before")
    finding.add_argument("folder", type=Path)
    finding.add_argument("groups", nargs="+")
    given = parser.parse_args()
    if given.command == "find":
        print(find(given.folder, given.groups, given.environment))
    else:
        groups = given.group or [group for group in GROUPS if (REQUIREMENTS / f"{group}.txt").exists()]
        build_all(given.folder, given.platform, given.python, groups)
    return 0


if __name__ == "__main__":
    sys.exit(main())
