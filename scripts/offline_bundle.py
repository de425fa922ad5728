"""Wheels for laptops without a network: make offline-bundle gathers them, make all OFFLINE=1 installs from them.

    offline_bundle.py [--platform NAME …] [--python 3.12 …] [--group NAME …] [FOLDER]

What can't be built ends in one line and exit status 2. find_bundle.py is the other side, on the laptop.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from find_bundle import REQUIREMENTS, digest, fail, this_platform, this_python

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent
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
    if missing is None or "Retrying" in done.stderr:
        fail(f"pip could not download the wheels: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return missing[1]


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
    parser.add_argument("folder", nargs="?", type=Path, default=TOP / DEFAULT_FOLDER)
    parser.add_argument("--platform", nargs="+", default=[this_platform()])
    parser.add_argument("--python", nargs="+", default=[this_python()])
    parser.add_argument("--group", nargs="+", choices=GROUPS)
    given = parser.parse_args()
    groups = given.group or [group for group in GROUPS if (REQUIREMENTS / f"{group}.txt").exists()]
    build_all(given.folder, given.platform, given.python, groups)
    return 0


if __name__ == "__main__":
    sys.exit(main())
