"""Python environments of their own, with this library in them as a user installs it: from its wheel."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

TOP = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).parent / "uv"
# Of a script whose package is called qalita and has nothing to do with ours.
FOREIGN_CLIENT = "import sys\n\ndef main():\n    print('foreign client got', sys.argv[1:])\n"


def build_wheel(folder: Path) -> Path:
    """This library, built as its users get it."""
    subprocess.run(
        [sys.executable, "-m", "flit_core.wheel", "--outdir", str(folder)], cwd=TOP, check=True, capture_output=True
    )
    return next(folder.glob("qalita_ingest-*.whl"))


def make_environment(folder: Path) -> Path:
    """Without pip; what this library needs is borrowed from the environment of the tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, capture_output=True)
    packages = next((folder / "lib").glob("python*/site-packages"))
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def install(environment: Path, wheel: Path) -> None:
    command = [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--reinstall", "--link-mode", "copy"]
    subprocess.run([*command, "--python", str(environment / "bin" / "python"), str(wheel)], check=True)


def foreign_wheel(folder: Path) -> Path:
    """A tiny package named qalita with a script named qalita: what the vendor's client is to an installer."""
    wheel = folder / "qalita-9.9.9-py3-none-any.whl"
    information = "qalita-9.9.9.dist-info"
    files = {
        "foreign_client.py": FOREIGN_CLIENT,
        f"{information}/METADATA": "Metadata-Version: 2.1\nName: qalita\nVersion: 9.9.9\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{information}/entry_points.txt": "[console_scripts]\nqalita = foreign_client:main\n",
        f"{information}/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


def wheelhouse(folder: Path, package: str) -> Path:
    """What the package needs, packed again from this environment: what an index would give, without a network."""
    folder.mkdir()
    for name in sorted(_needed_by(package) - {package}):
        _pack_again(metadata.distribution(name), folder)
    return folder


def _needed_by(package: str) -> set[str]:
    found, left = set[str](), [package]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            requirements = map(Requirement, metadata.requires(name) or [])
            left += [one.name.lower() for one in requirements if not one.marker or one.marker.evaluate({"extra": ""})]
    return found


def _pack_again(distribution: metadata.Distribution, folder: Path) -> None:
    tags = [
        line.removeprefix("Tag: ") for line in (distribution.read_text("WHEEL") or "").splitlines() if "Tag: " in line
    ]
    name = distribution.metadata["Name"].replace("-", "_").replace(".", "_")
    # Scripts lie outside of the packages; an installer writes them anew.
    files = [file for file in distribution.files or [] if ".." not in file.parts and file.suffix != ".pyc"]
    with zipfile.ZipFile(folder / f"{name}-{distribution.version}-{tags[0]}.whl", "w") as archive:
        for file in files:
            archive.write(str(file.locate()), str(file))
