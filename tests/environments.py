"""Python environments of their own, with this library in them as a user installs it: from its wheel."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

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
